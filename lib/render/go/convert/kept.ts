import type { Variable } from "../syntax/tree.ts";

/** A place of a Go template that has no natural form in Handlebars. */
export class Kept extends Error {
  /** An offset in the template. */
  readonly at: number;

  /** `why` is a clause. */
  constructor(at: number, why: string) {
    super(why);
    this.at = at;
  }
}

/** Throws Kept for a variable that is assigned to. */
export function assertConstant({ name, assigned: [pipe] }: Variable): void {
  if (pipe) throw new Kept(pipe.at, `${name} is assigned to, which Handlebars cannot`);
}
