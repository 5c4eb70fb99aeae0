/** What one probe of one target found. A refused connection is a finding, not an error. */
export type Reading =
  | { readonly ok: true; readonly tookMs: number }
  | { readonly ok: false; readonly tookMs: number; readonly why: string };

/** What we conclude from the readings so far: `unknown` until the first one. */
export type Verdict = "up" | "down" | "unknown";
