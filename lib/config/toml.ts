import { parse, TomlDate, TomlError } from "smol-toml";
import type { Problem } from "./problem.ts";
import { positions } from "./toml-positions.ts";
import { type Mark, type Path, pathText, type Tree } from "./tree.ts";

/** Reads TOML. Undefined where it is empty or cannot be read; then the problems say why. */
export function readToml(
  text: string,
  name: string,
  folder: string,
  problems: Problem[],
): Tree | undefined {
  const table = parsed(text, name, folder, problems);
  if (!table || Object.keys(table).length === 0) return undefined;
  const places = positions(text);
  const mark = (offset: number): Mark => ({ name, folder, ...lineAndColumn(text, offset) });
  const build = (value: unknown, path: Path, around: Mark): Tree => {
    const at = places.get(pathText(path));
    const here = at ? mark(at.value) : around;
    if (Array.isArray(value)) {
      const items = value.map((item, i) => build(item, [...path, i], here));
      return { kind: "list", mark: here, items };
    }
    if (typeof value !== "object" || value === null || value instanceof TomlDate) {
      return {
        kind: "scalar",
        mark: here,
        value: value instanceof TomlDate ? value.toISOString() : value,
      };
    }
    const fields = Object.entries(value).map(([key, inner]) => {
      const inside = [...path, key];
      const keyAt = places.get(pathText(inside));
      const keyMark = keyAt ? mark(keyAt.key) : here;
      return [key, { key: keyMark, value: build(inner, inside, keyMark) }] as const;
    });
    return { kind: "section", mark: here, fields: new Map(fields) };
  };
  return build(table, [], mark(0));
}

function parsed(text: string, name: string, folder: string, problems: Problem[]) {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { line, column, message } = error;
    // the library's message goes on with an excerpt of the file, which may hold a password
    const [says = ""] = message.replace("Invalid TOML document: ", "").split("\n");
    problems.push({ mark: { name, folder, line, column }, says });
    return undefined;
  }
}

function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
