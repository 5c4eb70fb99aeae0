/** The helpers that only lowered templates call. No function of a template begins with `@`. */
export const internal = {
  /** A float64. */
  float: "@float",
  /** `.a.b` of a value. */
  field: "@field",
  /** The same of a result, of which a nil has no type. */
  chain: "@chain",
  /** Whether a value is true. */
  truth: "@truth",
  /** The items of a range. */
  items: "@items",
  /** A variable that is assigned to. */
  cell: "@cell",
  get: "@get",
  set: "@set",
  /** Whether a cell holds nothing yet. */
  unset: "@unset",
  /** An assignment is no output. */
  discard: "@discard",
} as const;
