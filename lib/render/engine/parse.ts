import Handlebars from "handlebars";
import type { Source } from "../contract.ts";
import { faults } from "../faults.ts";
import { adviceForGo } from "./go-advice.ts";
import { unescapeStrings } from "./literals.ts";

/** Parses a template; locations in the syntax tree carry its name. Throws RENDER_SYNTAX with line and column. */
export function parse({ name, text }: Source): hbs.AST.Program {
  try {
    const program = Handlebars.parse(text, { srcName: name });
    unescapeStrings(program);
    return program;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { problem, ...place } = locate(error, text);
    throw faults.RENDER_SYNTAX({ template: name, ...place, problem: problem + adviceForGo(text) });
  }
}

/** Line and column count from 1. */
interface SyntaxProblem {
  readonly line: number;
  readonly column: number;
  readonly problem: string;
}

/** Handlebars' checks after parsing report the location in fields; its parser only draws it, as an excerpt with a caret. */
function locate(error: Error, text: string): SyntaxProblem {
  const { lineNumber, column } = error as { lineNumber?: number; column?: number };
  if (lineNumber !== undefined) {
    const problem = error.message.replace(/ - \d+:\d+$/, "");
    return { line: lineNumber, column: (column ?? 0) + 1, problem };
  }
  const [head = "", excerpt = "", caret = "", expecting = ""] = error.message.split("\n");
  const line = Number(/line (\d+)/.exec(head)?.[1] ?? 1);
  const past = excerpt.slice(0, caret.indexOf("^")).replace(/^\.\.\./, "");
  const ahead = excerpt.slice(caret.indexOf("^"));
  const [, tokens = "", got = ""] = /^Expecting (.*), got '(\w+)'$/.exec(expecting) ?? [];
  // The lexer takes a name at the end of the file for invalid, since nothing terminates it.
  const isUnfinished = got === "INVALID" && /^\w+$/.test(ahead);
  const problem = isUnfinished
    ? 'found the end of the file where "}}" was expected'
    : `found ${describeToken(got, ahead)} where ${describeExpected(tokens)} was expected`;
  return { line, column: columnOf(text, line, past, ahead), problem };
}

/** Searches the line for the excerpt, which is the text before and after the error without its line breaks. */
function columnOf(text: string, line: number, past: string, ahead: string): number {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).join("");
  const here = lines[line - 1] ?? "";
  const after = lines.slice(line).join("");
  const next = ahead.replace(/\.\.\.$/, "");
  for (let at = 0; at <= here.length; at += 1) {
    const fits = `${here.slice(at)}${after}`.startsWith(next);
    if (fits && `${before}${here.slice(0, at)}`.endsWith(past)) return at + 1;
  }
  return 1;
}

function describeToken(token: string, ahead: string): string {
  if (token === "EOF") return "the end of the file";
  const text = token === "INVALID" ? ahead.slice(0, 1) : (/^\S+/.exec(ahead)?.[0] ?? ahead);
  return JSON.stringify(text);
}

function describeExpected(tokens: string): string {
  if (tokens.includes("'CLOSE'")) return '"}}"';
  if (tokens.includes("'OPEN_ENDBLOCK'")) return 'the "{{/…}}" of an open block';
  if (tokens.includes("'ID'")) return "a name or a value";
  return "something else";
}
