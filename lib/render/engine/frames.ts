/**
 * The context of a template, a block or a partial, around its value. Handlebars compares contexts by `!=` to decide
 * whether `../` leads out of a block, which fails for objects without a prototype and takes the list `["a"]` for the
 * string `a`. Frames are objects of one class, so that it compares their identity alone.
 */
export class Frame {
  readonly value: unknown;
  /** Undefined at the top of the template. */
  readonly parent: Frame | undefined;
  /** The list that the value is an item of; undefined where no loop made the frame. */
  readonly list: object | undefined;

  constructor(value: unknown, parent?: Frame, list?: object) {
    this.value = value;
    this.parent = parent;
    this.list = list;
  }

  /** The frame for a value within this one. As in Handlebars, `../` does not lead out of a block on the same object. */
  within(value: unknown): Frame {
    if (value instanceof Frame) return value;
    const isSame = value === this.value && typeof value === "object";
    return isSame ? this : new Frame(value, this);
  }
}

/** The member of a frame with its value, which instrumentation inserts into paths: `x.y` becomes `value.x.y`. */
export const valueMember = "value" satisfies keyof Frame;
