/**
 * An expected failure: a stable code, a sentence for the operator, and whether trying again can help.
 * Loops catch faults with `retry`; anything that is not a fault is a bug and ends the process.
 */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly code: string;
  readonly retry: boolean;

  constructor(code: string, retry: boolean, sentence: string, cause?: unknown) {
    super(sentence, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retry = retry;
  }
}

interface Declaration<Detail> {
  /** Whether the same attempt can succeed later without anybody changing a configuration. */
  readonly retry: boolean;
  /** What happened, where, and what to do: one sentence. */
  readonly message: (detail: Detail) => string;
}

type Makers<Declared> = {
  readonly [Code in keyof Declared]: Declared[Code] extends Declaration<infer Detail>
    ? (detail: Detail, cause?: unknown) => Fault
    : never;
};

/** What a fault's maker says about it, for `docs/faults.md`. */
export interface Declared {
  readonly code: string;
  readonly retry: boolean;
  readonly message: (detail: never) => string;
}

// biome-ignore lint/suspicious/noExplicitAny: each declaration has a detail of its own
type AnyDeclaration = Declaration<any>;

/** Turns declarations into functions that make the fault: `throw faults.CODE(detail, cause)`. */
export function catalogue<const Declarations extends Readonly<Record<string, AnyDeclaration>>>(
  declarations: Declarations,
): Makers<Declarations> {
  const makers = Object.entries(declarations).map(([code, { retry, message }]) => [
    code,
    Object.assign(
      (detail: unknown, cause?: unknown) => new Fault(code, retry, message(detail), cause),
      { code, retry, message } satisfies Declared,
    ),
  ]);
  return Object.fromEntries(makers) as Makers<Declarations>;
}

/** The sentence of an error, with the system's own words where a cause has some to add. */
export function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // What a name with several addresses yields: one error for each, and no sentence of its own.
  if (error instanceof AggregateError && !error.message)
    return error.errors.map(sentence).join(", ");
  const cause = error.cause instanceof Error ? error.cause.message : "";
  return cause && !error.message.includes(cause) ? `${error.message}: ${cause}` : error.message;
}

/** The system's code of an error (`ENOENT`), or undefined where there is none. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
