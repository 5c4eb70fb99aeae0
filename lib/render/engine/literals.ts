import Handlebars from "handlebars";

/*
 * Handlebars knows no escape in a string but that of its own quotes, so that it takes the backslash of "\\" for the beginning
 * of an escaped quote. Its lexer has one rule for each kind of string; both are replaced, once for the process, by rules
 * which also skip escaped backslashes. The second alternative of a rule is the whole of Handlebars' own for a string that
 * ends in one backslash: "\" was read as such where no other quote follows.
 */
const rules: ReadonlyMap<string, RegExp> = new Map([
  [String.raw`/^(?:"(\\["]|[^"])*")/`, /^(?:"(?:\\["\\]|\\(?!["\\])|[^"\\])*"|"[^"]*")/],
  [String.raw`/^(?:'(\\[']|[^'])*')/`, /^(?:'(?:\\['\\]|\\(?!['\\])|[^'\\])*'|'[^']*')/],
]);

const { lexer } = (Handlebars as unknown as { Parser: { lexer: { rules: RegExp[] } } }).Parser;
const replaced = lexer.rules.filter((rule) => rules.has(String(rule)));
if (replaced.length !== rules.size)
  throw new Error("this version of Handlebars reads strings in another way");
lexer.rules = lexer.rules.map((rule) => rules.get(String(rule)) ?? rule);

/** Replaces the escapes in every string of a template. Changes the syntax tree in place. */
export function unescapeStrings(program: hbs.AST.Program): void {
  new Unescaper().accept(program);
}

class Unescaper extends Handlebars.Visitor {
  override StringLiteral(literal: hbs.AST.StringLiteral): void {
    literal.value = unescaped(literal.value);
    literal.original = literal.value;
  }
}

const characters: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\\": "\\" };

/**
 * `\n`, `\t`, `\r` and `\\` stand for one character. Any other backslash stays as it is, so that `\d` and `\.` of a regular
 * expression need no second one; Handlebars has replaced escaped quotes.
 */
function unescaped(text: string): string {
  return text.replace(/\\([ntr\\])/g, (_, name: string) => characters[name] ?? "");
}
