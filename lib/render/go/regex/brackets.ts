import { escapedClass, escapedCode } from "./escapes.ts";
import { codeSource, complement, posixClasses, rangesSource } from "./ranges.ts";
import type { PatternReader } from "./reader.ts";
import { syntaxError } from "./syntax-error.ts";

/** A class in brackets, after `[`, as JavaScript has it. */
export function bracketsSource(reader: PatternReader): string {
  const from = reader.position - 1;
  const not = reader.take("^") ? "^" : "";
  let source = "";
  for (let isFirst = true; isFirst || reader.peek() !== "]"; isFirst = false) {
    if (reader.peek() === undefined) throw syntaxError("missing closing ]", reader.text(from));
    source += posix(reader) ?? escaped(reader) ?? range(reader);
  }
  reader.next();
  return `[${not}${source}]`;
}

function posix(reader: PatternReader): string | undefined {
  const found = reader.match(/^\[:(\^?)([^:\]]*):\]/);
  if (!found) return undefined;
  const [whole, not, name = ""] = found;
  const ranges = Object.hasOwn(posixClasses, name) ? posixClasses[name] : undefined;
  if (!ranges) throw syntaxError("invalid character class range", whole);
  return rangesSource(not ? complement(ranges) : ranges);
}

function escaped(reader: PatternReader): string | undefined {
  if (reader.peek() !== "\\" || !/^[dswDSWpP]$/.test(reader.peek(1) ?? "")) return undefined;
  reader.next();
  return escapedClass(reader);
}

function range(reader: PatternReader): string {
  const from = reader.position;
  const low = code(reader);
  if (reader.peek() !== "-" || reader.peek(1) === "]" || reader.peek(1) === undefined) {
    return codeSource(low);
  }
  reader.next();
  const high = code(reader);
  if (high < low) throw syntaxError("invalid character class range", reader.text(from));
  return rangesSource([[low, high]]);
}

function code(reader: PatternReader): number {
  if (reader.take("\\")) return escapedCode(reader);
  return reader.next().codePointAt(0) ?? 0;
}
