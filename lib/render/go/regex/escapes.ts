import { codeSource, complement, perlClasses, rangesSource } from "./ranges.ts";
import type { PatternReader } from "./reader.ts";
import { syntaxError } from "./syntax-error.ts";

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** The code point that an escape stands for, after its backslash. */
export function escapedCode(reader: PatternReader): number {
  const from = reader.position;
  const octal = reader.match(/^(?:[1-7][0-7]{1,2}|0[0-7]{0,2})/);
  if (octal) return Number.parseInt(octal[0], 8);
  const hexadecimal = reader.match(/^x(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{2}))/);
  if (hexadecimal) {
    const code = Number.parseInt(hexadecimal[1] ?? hexadecimal[2] ?? "", 16);
    if (code <= 0x10ffff) return code;
  }
  const character = reader.peek();
  if (character === undefined) throw syntaxError("trailing backslash at end of expression", "");
  const control = controls[character];
  const code = control ?? character.codePointAt(0) ?? 0;
  if (control === undefined && (code > 0x7f || /[0-9A-Za-z]/.test(character) || hexadecimal)) {
    throw syntaxError("invalid escape sequence", `\\${reader.text(from)}`);
  }
  reader.next();
  return code;
}

/** The source of `\d`, `\pL` and their likes for brackets, after the backslash; undefined for another escape. */
export function escapedClass(reader: PatternReader): string | undefined {
  const perl = reader.match(/^[dswDSW]/)?.[0];
  if (perl !== undefined) {
    const ranges = perlClasses[perl.toLowerCase()] ?? [];
    return rangesSource(perl === perl.toLowerCase() ? ranges : complement(ranges));
  }
  const property = reader.match(/^([pP])(?:\{(\^?)([^}]*)\}|(.))/su);
  if (!property) return undefined;
  const [, letter, not = "", long, short] = property;
  const isNegative = (letter === "P") !== (not === "^");
  return propertySource(long ?? short ?? "", isNegative);
}

/** A category such as `Lu`, or a script such as `Greek`. */
function propertySource(name: string, isNegative: boolean): string {
  if (name === "Any") return isNegative ? "" : rangesSource([[0, 0x10ffff]]);
  const escape = isNegative ? "P" : "p";
  const isCategory = /^[A-Z][a-z]?$/.test(name);
  const source = `\\${escape}{${isCategory ? "" : "Script="}${name}}`;
  try {
    new RegExp(source, "u");
    return source;
  } catch {
    throw syntaxError("invalid character class range", `\\p{${name}}`);
  }
}

export function literal(code: number): string {
  const character = String.fromCodePoint(code);
  return /^[0-9A-Za-z]$/.test(character) ? character : codeSource(code);
}
