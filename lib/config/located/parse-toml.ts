import { createRequire } from "node:module";
import type { Problem } from "./problem.ts";
import { documentTree } from "./toml-tree.ts";
import type { Position, Tree } from "./tree.ts";

/** The parser, loaded by the first TOML file that is read: most configurations are YAML. */
function library(): typeof import("toml-eslint-parser") {
  return createRequire(import.meta.url)("toml-eslint-parser");
}

/** Parses TOML 1.1. Undefined if the file is empty or has syntax errors. */
export function readToml(
  text: string,
  name: string,
  folder: string,
  problems: Problem[],
): Tree | undefined {
  const { parseTOML, ParseError } = library();
  const positionOf = (line: number, column: number): Position => ({ name, folder, line, column });
  const reject = (line: number, column: number, message: string): undefined => {
    problems.push({ position: positionOf(line, column), message });
  };
  const source = text.replace(/^\ufeff/, "");
  const strayReturn = /\r(?!\n)/.exec(source);
  if (strayReturn) {
    // The parser takes it for the end of a line: it would read a key in the rest of a comment.
    const message = "a carriage return is not allowed without a line feed after it";
    return reject(...lineAndColumn(source, strayReturn.index), message);
  }
  try {
    const [table] = parseTOML(source, { tomlVersion: "1.1" }).body;
    return table.body.length === 0 ? undefined : documentTree(table, positionOf, problems);
  } catch (error) {
    if (error instanceof ParseError) {
      return reject(error.lineNumber, error.column + 1, messageOf(error.message));
    }
    if (!(error instanceof RangeError)) throw error;
    // The parser's only limit is the stack: it recurses, and passes the characters of a string as arguments.
    const message =
      "the file is nested too deeply, or has a string of more than 100 000 characters";
    return reject(1, 1, message);
  }
}

/** Replacements for sentences of the parser that are unclear. */
const sentences: Readonly<Record<string, string>> = {
  "Defining a key multiple times is invalid": "this key is set twice in one object",
  "Must be a newline": "expected the end of the line",
  "Unspecified values are invalid": "expected a value",
};

function messageOf(message: string): string {
  // A code point is part of the file's text, which may contain a password.
  const text = sentences[message] ?? message.replace(/ code point \S+/, " code point");
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function lineAndColumn(text: string, offset: number): [line: number, column: number] {
  const before = text.slice(0, offset).split("\n");
  return [before.length, (before.at(-1)?.length ?? 0) + 1];
}
