import type { Escape } from "../contract.ts";

export type Format = keyof typeof kinds;

/**
 * Every format there is. Each says what is wrong with a value (`it contains ";"`), or nothing where it can
 * stand in such a file. It is asked about every value of every rendering, so it is one regular expression,
 * which finds what the value must not contain. A value that can stand in a file adds no directive, section,
 * member or command to it.
 */
export const kinds = {
  /*
   * A control character ends a word or a line, or is nothing that a person would see. Quotes and
   * backslashes change where words end; "#" begins a comment, even inside a word, and so drops the rest of
   * its line; "$" reads the environment inside double quotes and "%" evaluates an expression, such as
   * %[env(SECRET)], wherever a log format stands; a brace ends a condition: haproxy accepts
   * `x } || { always_true`. A space may stand: "10.0.0.1:80 backup" is a common value, and the words that
   * it adds belong to the line that the template's author began.
   */
  haproxy: refusing(/[\u0000-\u001f\u007f-\u009f"'\\#$%{}]/),
  /*
   * ";" and braces end directives and blocks; quotes and backslashes change where words end; "#" after a
   * space begins a comment; "$" begins a variable; a backtick runs a command where Perl is embedded.
   */
  nginx: refusing(/[\u0000-\u001f\u007f-\u009f;{}"'\\#$`]/),
  /*
   * What a JSON string has to escape. Without a quote a value that stands outside a string cannot name a
   * member of an object either.
   */
  json: refusing(/[\u0000-\u001f\u007f-\u009f"\\]/),
  /*
   * A value may stand inside quotes of either sort, or outside, where a space already begins the name of a
   * command (`A=1 reboot`). So only this is let in: what no shell gives a meaning to, and the brackets of
   * an IPv6 address, which at worst match the name of a file.
   */
  shell: refusing(/[^A-Za-z0-9_@%+=:,./[\]-]/u),
  /*
   * The format is not known, but nearly all are made of lines, and one more line may be one more host, job
   * or setting. Text of several lines, such as a certificate, is written with {{{three braces}}}.
   */
  plain: refusing(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/),
} satisfies Readonly<Record<string, Escape>>;

function refusing(pattern: RegExp): Escape {
  return (text) =>
    pattern.test(text) ? `it contains ${named(pattern.exec(text)?.[0])}` : undefined;
}

function named(found = ""): string {
  if (found === "\n" || found === "\r") return "a line break";
  if (found === " ") return "a space";
  if (found === "\t") return "a tab";
  if (/[\u0000-\u001f\u007f-\u009f]/.test(found)) return `the control character ${codeOf(found)}`;
  return found === '"' ? `'"'` : `"${found}"`;
}

function codeOf(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}
