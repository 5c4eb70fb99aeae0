import { alternatives, type Shape, type SingleShape } from "../../lib/config/located/shape.ts";
import { markdownTable } from "./markdown.ts";

/** Every key there is, as Markdown: a table for each section, and for each kind of it. */
export function reference(shape: Shape): string {
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

/** A section's own table, then those of the sections in it. */
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
  const title = place === "" ? "At the top" : `\`${place}\``;
  return kind === undefined ? title : `${title} of type \`${kind}\``;
}

function row(key: string, shape: Shape, section: SingleShape): readonly string[] {
  const preset = written(shape.default);
  return [
    `\`${key}\``,
    typeText(shape),
    section.required?.includes(key) ? "required" : preset && `\`${preset}\``,
    shape.description ?? "",
  ];
}

/** A default as YAML has it: `[2xx, 3xx]`; nothing for an empty one, whose fields have their own. */
function written(preset: unknown): string {
  if (Array.isArray(preset)) return preset.length > 0 ? `[${preset.map(written).join(", ")}]` : "";
  return typeof preset === "object" || preset === undefined ? "" : String(preset);
}

function typeText(shape: Shape): string {
  return [...new Set(alternatives(shape).map(oneType))].join(" or ");
}

function oneType(shape: SingleShape): string {
  if (shape.const !== undefined) return `\`${shape.const}\``;
  if (shape.enum) return shape.enum.map((value) => `\`${value}\``).join(", ");
  if (shape.items) return `list of ${typeText(shape.items).replace(/^section$/, "sections")}`;
  if (shape.format === "path") return "path";
  if (shape.pattern?.endsWith("(ms|s|m|h)$")) return "duration";
  if (shape.type === "integer") return `whole number${rangeText(shape)}`;
  if (shape.type === "object")
    return shape.properties ? "section" : `names with ${othersText(shape)}`;
  return { string: "text", boolean: "true or false" }[shape.type ?? ""] ?? "number";
}

function othersText({ additionalProperties: others }: SingleShape): string {
  return typeof others === "object" && others.properties ? "sections" : "values";
}

function rangeText({ minimum, maximum }: SingleShape): string {
  // beyond this, no bound was given: it is that of numbers themselves
  const most = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER) return "";
  return most === undefined ? ` from ${minimum}` : ` (${minimum} to ${most})`;
}
