/** A string in double quotes, as `%q` prints it; with `ascii`, without characters above U+007E. */
export function quote(text: string, ascii = false): string {
  return `"${[...text].map((character) => escaped(character, '"', ascii)).join("")}"`;
}

/** A character in single quotes, by its code point. */
export function quoteCharacter(code: number, ascii = false): string {
  return `'${escaped(characterOf(code), "'", ascii)}'`;
}

/** The character of a code point; U+FFFD if there is none. */
export function characterOf(code: number): string {
  const isCharacter = code >= 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : "\uFFFD";
}

/** Whether Go prints a character as it is: letters, marks, numbers, punctuation, symbols and the space. */
export function isPrintable(character: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character);
}

/** Whether a text can stand between back-quotes. */
export function canBackquote(text: string): boolean {
  return !/[`\ufeff\u007f]|[^\t\P{Cc}]/u.test(text.replaceAll(/[\u0080-\u009f]/g, ""));
}

function escaped(character: string, delimiter: string, ascii: boolean): string {
  if (character === delimiter || character === "\\") return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  if (isPrintable(character) && (!ascii || code < 0x7f)) return character;
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  if (code < 0x20 || code === 0x7f) return `\\x${hexadecimal(code, 2)}`;
  return code < 0x10000 ? `\\u${hexadecimal(code, 4)}` : `\\U${hexadecimal(code, 8)}`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  ...{ "\u0007": "\\a", "\b": "\\b", "\f": "\\f" },
  ...{ "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v" },
};

function hexadecimal(code: number, length: number): string {
  return code.toString(16).padStart(length, "0");
}
