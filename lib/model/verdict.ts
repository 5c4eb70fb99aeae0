/**
 * The result of one probe of a target. A refused connection is a result, not an error. `ok` is undefined if nothing was
 * found out about the target, because this process lacked something; `why` describes it. `isRefused` is set if the target
 * refused the connection: nothing listens there.
 */
export type Reading =
  | { readonly ok: true; readonly tookMs: number }
  | {
      readonly ok: false;
      readonly tookMs: number;
      readonly why: string;
      readonly isRefused?: true;
    }
  | { readonly ok: undefined; readonly tookMs: number; readonly why: string };

/** The state derived from the readings so far: `unknown` until the first one. */
export type Verdict = "up" | "down" | "unknown";
