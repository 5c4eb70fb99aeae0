import { alternatives, type Shape, type SingleShape } from "../../lib/config/located/shape.ts";
import { markdownTable } from "./markdown.ts";

/** Every configuration key, for `docs/configuration.md`: a table for each object, and for each of its kinds. */
export function configurationReference(shape: Shape): string {
  const blocks = [...tables(shape, "")].flatMap(({ title, description, rows }) => [
    `## ${title}`,
    ...(description === "" ? [] : [description]),
    markdownTable(["key", "type", "default", ""], rows),
  ]);
  return blocks.join("\n\n");
}

interface Table {
  readonly title: string;
  readonly description: string;
  readonly rows: readonly (readonly string[])[];
}

/** The table of an object, then the tables of the objects within it. */
function* tables(shape: Shape, place: string): Generator<Table> {
  for (const each of alternatives(shape)) {
    if (each.items) yield* tables(each.items, `${place}[]`);
    const { additionalProperties: others } = each;
    if (typeof others === "object") yield* tables(others, `${place}.<name>`);
    if (!each.properties) continue;
    const entries = Object.entries(each.properties);
    const { description = "" } = each;
    const rows = entries.map(([key, inner]) => row(key, inner, each));
    yield { title: titleOf(each, place), description, rows };
    for (const [key, inner] of entries) yield* tables(inner, place ? `${place}.${key}` : key);
  }
}

function titleOf({ properties = {} }: SingleShape, place: string): string {
  const kind = properties.type?.const;
  const title = place === "" ? "Top level" : `\`${place}\``;
  return kind === undefined ? title : `${title} of type \`${kind}\``;
}

function row(key: string, shape: Shape, object: SingleShape): readonly string[] {
  const value = formatDefault(shape.default);
  return [
    `\`${key}\``,
    typeText(shape),
    object.required?.includes(key) ? "required" : value && `\`${value}\``,
    shape.description ?? "",
  ];
}

/** A default in YAML: `[2xx, 3xx]`. Empty for an empty list and for an object: its keys have their own. */
function formatDefault(value: unknown): string {
  if (Array.isArray(value))
    return value.length > 0 ? `[${value.map(formatDefault).join(", ")}]` : "";
  return typeof value === "object" || value === undefined ? "" : String(value);
}

function typeText(shape: Shape): string {
  return [...new Set(alternatives(shape).map(oneType))].join(" or ");
}

function oneType(shape: SingleShape): string {
  if (shape.const !== undefined) return `\`${shape.const}\``;
  if (shape.enum) return shape.enum.map((value) => `\`${value}\``).join(", ");
  if (shape.items) return `list of ${typeText(shape.items).replace(/^(object|string)$/, "$1s")}`;
  if (shape.format === "path") return "path";
  if (shape.pattern?.endsWith("(ms|s|m|h)$")) return "duration";
  if (shape.type === "integer") return `integer${rangeText(shape)}`;
  if (shape.type === "object") return shape.properties ? "object" : `map of ${othersText(shape)}`;
  return shape.type ?? "number";
}

function othersText({ additionalProperties: others }: SingleShape): string {
  return typeof others === "object" && others.properties ? "objects" : "values";
}

function rangeText({ minimum, maximum }: SingleShape): string {
  // zod bounds every integer by the safe integers: such a bound was not given
  const upper = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER) return "";
  return upper === undefined ? ` (${minimum} or more)` : ` (${minimum} to ${upper})`;
}
