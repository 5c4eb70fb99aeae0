import { createRequire } from "node:module";
import type { Problem } from "./problem.ts";
import { documentTree } from "./toml-tree.ts";
import type { Mark, Tree } from "./tree.ts";

/** The parser, loaded by the first TOML file that is read: most configurations are YAML. */
function library(): typeof import("toml-eslint-parser") {
  return createRequire(import.meta.url)("toml-eslint-parser");
}

/** Reads TOML 1.1. Undefined where it is empty or cannot be read; then the problems say why. */
export function readToml(
  text: string,
  name: string,
  folder: string,
  problems: Problem[],
): Tree | undefined {
  const { parseTOML, ParseError } = library();
  const markAt = (line: number, column: number): Mark => ({ name, folder, line, column });
  const source = text.replace(/^\ufeff/, "");
  const strayReturn = /\r(?!\n)/.exec(source);
  if (strayReturn) {
    // The parser takes it for the end of a line, so that what looks like a comment would hold a key.
    const says = "a carriage return is not allowed without a line feed after it";
    problems.push({ mark: markAt(...lineAndColumn(source, strayReturn.index)), message: says });
    return undefined;
  }
  try {
    const [table] = parseTOML(source, { tomlVersion: "1.1" }).body;
    return table.body.length === 0 ? undefined : documentTree(table, markAt, problems);
  } catch (error) {
    if (error instanceof ParseError) {
      const mark = markAt(error.lineNumber, error.column + 1);
      problems.push({ mark, message: inOurWords(error.message) });
    } else if (error instanceof RangeError) {
      // The parser's only limit is the stack: it recurses, and hands over a string's characters as arguments.
      const says = "the file is nested too deeply, or has a string of more than 100 000 characters";
      problems.push({ mark: markAt(1, 1), message: says });
    } else throw error;
    return undefined;
  }
}

/** Where the parser's own sentence says too little. */
const sentences: Readonly<Record<string, string>> = {
  "Defining a key multiple times is invalid": "this key is set twice in one section",
  "Must be a newline": "expected the end of the line",
  "Unspecified values are invalid": "expected a value",
};

function inOurWords(message: string): string {
  // A code point that is named comes from the file, which may hold a password.
  const says = sentences[message] ?? message.replace(/ code point \S+/, " code point");
  return says.charAt(0).toLowerCase() + says.slice(1);
}

function lineAndColumn(text: string, offset: number): [line: number, column: number] {
  const before = text.slice(0, offset).split("\n");
  return [before.length, (before.at(-1)?.length ?? 0) + 1];
}
