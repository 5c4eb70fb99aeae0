/** A condition on the place between two characters. */
export type Assertion =
  | "textStart"
  | "textEnd"
  | "lineStart"
  | "lineEnd"
  | "boundary"
  | "noBoundary";

/** A parsed regular expression. */
export type Pattern =
  /** One character, which matches `source`: a pattern of JavaScript. */
  | { readonly kind: "character"; readonly source: string }
  | { readonly kind: "assertion"; readonly assertion: Assertion }
  /** Remembers what `of` matches, as the group of this number, from 1. */
  | { readonly kind: "group"; readonly number: number; readonly of: Pattern }
  | { readonly kind: "sequence"; readonly of: readonly Pattern[] }
  /** The first one that leads to a match. */
  | { readonly kind: "choice"; readonly of: readonly Pattern[] }
  | Repetition;

export interface Repetition {
  readonly kind: "repetition";
  readonly of: Pattern;
  readonly min: number;
  readonly max: number;
  /** As few as possible, in place of as many. */
  readonly isLazy: boolean;
}
