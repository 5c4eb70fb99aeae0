/** An option of a program that parses its command line as Go's `flag` does. */
export interface GoFlag {
  /** Without dashes. */
  readonly name: string;
  /** A boolean takes no value of its own: `-watch`, or `-watch=false`. */
  readonly isBoolean: boolean;
  readonly aliases?: readonly string[];
}

/** A command line, taken apart. */
export interface ParsedFlags {
  /** The values of each option that was given, by name, in order. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** The arguments that are no options. */
  readonly operands: readonly string[];
  /** Sentences: an option that is not known, or lacks its value. */
  readonly problems: readonly string[];
}

/**
 * Takes a command line apart: one dash and two are the same, a value follows after `=` or as the next argument, and `--` ends
 * the options. Unlike in Go, options may also follow an operand.
 */
export function parseGoFlags(args: readonly string[], flags: readonly GoFlag[]): ParsedFlags {
  const values = new Map<string, readonly string[]>();
  const operands: string[] = [];
  const problems: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--") {
      operands.push(...rest);
      break;
    }
    const [, name, given] = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
    if (name === undefined) {
      operands.push(arg);
      continue;
    }
    const flag = flags.find((one) => one.name === name || one.aliases?.includes(name));
    if (!flag) {
      problems.push(`there is no option -${name}`);
      continue;
    }
    const value = given ?? (flag.isBoolean ? "true" : rest.shift());
    if (value === undefined) problems.push(`the option -${name} needs a value`);
    else values.set(flag.name, [...(values.get(flag.name) ?? []), value]);
  }
  return { values, operands, problems };
}

/** A boolean as Go's `strconv.ParseBool` reads it; undefined for any other text. */
export function parseGoBoolean(text: string): boolean | undefined {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  return ["0", "f", "F", "false", "FALSE", "False"].includes(text) ? false : undefined;
}

const unitMs: Readonly<Record<string, number>> = {
  ...{ ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1 },
  ...{ s: 1000, m: 60_000, h: 3_600_000 },
};

/** A duration such as `1m30s`, in milliseconds; undefined for any other text. */
export function parseGoDuration(text: string): number | undefined {
  if (text === "0") return 0;
  const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;
  if (!new RegExp(`^(?:${part.source})+$`).test(text)) return undefined;
  return [...text.matchAll(part)].reduce(
    (sum, [, amount, unit = ""]) => sum + Number(amount) * (unitMs[unit] ?? 0),
    0,
  );
}

/** Permissions as Go's `strconv.ParseUint(text, 0, 32)` reads them: `0644` is octal, `420` decimal; undefined for no number. */
export function parseGoMode(text: string): number | undefined {
  const [, octal, digits] =
    /^(?:0[oO]?([0-7]+)|(0[xX][\da-fA-F]+|0[bB][01]+|\d+))$/.exec(text) ?? [];
  const mode = octal !== undefined ? Number.parseInt(octal, 8) : Number(digits);
  return Number.isInteger(mode) && mode <= 0o7777 && !/^0[89]/.test(text) ? mode : undefined;
}
