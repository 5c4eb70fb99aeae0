/** The string in upper case by the simple mapping of Unicode, as in Go: one character for each, so `ß` remains. */
export function toUpper(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapped(text, upperOf);
}

/** The string in lower case by the simple mapping of Unicode, whatever stands beside a character. */
export function toLower(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapped(text, lowerOf);
}

/** The first letters of words: as upper case, except for a few pairs of letters such as `ǆ`. */
export function toTitle(character: string): string {
  const pair = /^[\u01c4-\u01cc\u01f1-\u01f3]$/.exec(character);
  if (pair) return titles.find((title) => titleGroup(title).includes(character)) ?? character;
  // Georgian has no letters for titles.
  return /^[\u10d0-\u10ff]$/.test(character) ? character : toUpper(character);
}

const titles = ["ǅ", "ǈ", "ǋ", "ǲ"];

function titleGroup(title: string): string {
  return title.toUpperCase() + title + title.toLowerCase();
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

function mapped(text: string, of: (character: string) => string): string {
  return Array.from(text, of).join("");
}

function upperOf(character: string): string {
  const upper = character.toUpperCase();
  if (isOne(upper)) return upper;
  // Greek letters with a small iota below: their capitals are eight further, or nine or twelve.
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x1f80 && code <= 0x1faf) return String.fromCodePoint(code | 8);
  const offset = { "\u1fb3": 9, "\u1fc3": 9, "\u1ff3": 9 }[character];
  return offset === undefined ? character : String.fromCodePoint(code + offset);
}

function lowerOf(character: string): string {
  const lower = character.toLowerCase();
  return isOne(lower) ? lower : String.fromCodePoint(lower.codePointAt(0) ?? 0);
}

function isOne(text: string): boolean {
  return text.length === 1 || (text.length === 2 && (text.codePointAt(0) ?? 0) > 0xffff);
}
