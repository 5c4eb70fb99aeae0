import { printable } from "./printable.ts";

/**
 * An expected failure: a stable code, a sentence for the operator, and whether a retry can succeed.
 * Loops retry faults that allow it; any other error is a bug and ends the process.
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
  /** Whether the same attempt can succeed later without a change of the configuration. */
  readonly retry: boolean;
  /** What happened, where, and what to do: one sentence, or several that are printed on lines of their own. */
  readonly message: (detail: Detail) => string | readonly string[];
}

type Makers<Declared> = {
  readonly [Code in keyof Declared]: Declared[Code] extends Declaration<infer Detail>
    ? (detail: Detail, cause?: unknown) => Fault
    : never;
};

/** The declaration of a fault, from which `docs/faults.md` is generated. */
export interface Declared {
  readonly code: string;
  readonly retry: boolean;
  readonly message: (detail: never) => string | readonly string[];
}

// biome-ignore lint/suspicious/noExplicitAny: each declaration has its own type of detail
type AnyDeclaration = Declaration<any>;

/** Turns declarations into functions that create the fault: `throw faults.CODE(detail, cause)`. Its message is printable. */
export function catalogue<const Declarations extends Readonly<Record<string, AnyDeclaration>>>(
  declarations: Declarations,
): Makers<Declarations> {
  const makers = Object.entries(declarations).map(([code, { retry, message }]) => [
    code,
    Object.assign(
      (detail: unknown, cause?: unknown) => {
        const sentences = [message(detail)].flat().map(printable);
        return new Fault(code, retry, sentences.join("\n"), cause);
      },
      { code, retry, message } satisfies Declared,
    ),
  ]);
  return Object.fromEntries(makers) as Makers<Declarations>;
}

/** The message of an error, followed by that of its cause unless it is included already. */
export function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Connecting to a name with several addresses fails with one error for each and no message of its own.
  if (error instanceof AggregateError && !error.message)
    return error.errors.map(sentence).join(", ");
  const cause = error.cause instanceof Error ? printable(error.cause.message) : "";
  return cause && !error.message.includes(cause) ? `${error.message}: ${cause}` : error.message;
}

/** The code of an error, such as `ENOENT`; undefined if it has none. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/** For `catch`: ignores a system error; throws any other error. */
export function ifSystem(error: unknown): undefined {
  if (systemCode(error) === undefined) throw error;
  return undefined;
}
