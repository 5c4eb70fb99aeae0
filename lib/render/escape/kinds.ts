import type { Escape } from "../contract.ts";

export type Format = keyof typeof kinds;

/**
 * The formats of files. A value that passes the check of a format cannot add a directive, section, member or
 * command to a file of that format. Each check is one regular expression for the characters that are not allowed,
 * since it runs for every value of every rendering.
 */
export const kinds = {
  /*
   * Control characters end a word or a line, or are invisible. Quotes and backslashes change where words end. "#"
   * begins a comment, even inside a word, and so drops the rest of the line. "$" reads the environment inside double
   * quotes, and "%" evaluates an expression such as %[env(SECRET)] in a log format. A brace ends a condition: haproxy
   * accepts `x } || { always_true`. Spaces are allowed: "10.0.0.1:80 backup" is a common value, and the words that it
   * adds are part of a line that the template began.
   */
  haproxy: forbidding(/[\u0000-\u001f\u007f-\u009f"'\\#$%{}]/),
  /*
   * ";" and braces end directives and blocks. Quotes and backslashes change where words end. "#" after a space
   * begins a comment. "$" begins a variable. A backtick runs a command in embedded Perl.
   */
  nginx: forbidding(/[\u0000-\u001f\u007f-\u009f;{}"'\\#$`]/),
  /*
   * The characters that JSON escapes in a string. Outside of a string, a value without quotes cannot add a member to
   * an object either.
   */
  json: forbidding(/[\u0000-\u001f\u007f-\u009f"\\]/),
  /*
   * The template may put a value inside quotes of either kind, or outside, where even a space begins the name of a
   * command (`A=1 reboot`). Only characters without a meaning in any shell are allowed, and the brackets of an IPv6
   * address, which at worst match a file name.
   */
  shell: forbidding(/[^A-Za-z0-9_@%+=:,./[\]-]/u),
  /*
   * The format is unknown. Most consist of lines, and another line may be another host, job or setting. Text of
   * several lines, such as a certificate, is written with {{{three braces}}}.
   */
  plain: forbidding(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/),
  /*
   * For a file that is a value as a whole, such as a certificate, or in which no value can do harm. Never implied by a path.
   */
  unchecked: (_text: string) => undefined,
} satisfies Readonly<Record<string, Escape>>;

function forbidding(pattern: RegExp): Escape {
  return (text) =>
    pattern.test(text) ? `it contains ${describeCharacter(pattern.exec(text)?.[0])}` : undefined;
}

function describeCharacter(found = ""): string {
  if (found === "\n" || found === "\r") return "a line break";
  if (found === " ") return "a space";
  if (found === "\t") return "a tab";
  if (/[\u0000-\u001f\u007f-\u009f]/.test(found)) return `the control character ${codeOf(found)}`;
  return found === '"' ? `'"'` : `"${found}"`;
}

function codeOf(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}
