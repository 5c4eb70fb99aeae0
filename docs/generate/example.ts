/** A command line, and what it is for. */
export interface Example {
  readonly line: string;
  readonly purpose: string;
}
