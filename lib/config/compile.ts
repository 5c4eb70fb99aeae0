import { conflicts } from "./conflicts.ts";
import { faults } from "./faults.ts";
import { coerce } from "./located/coerce.ts";
import { type Env, expand } from "./located/expand.ts";
import { explain } from "./located/explain.ts";
import { merge } from "./located/merge.ts";
import { override } from "./located/override.ts";
import { type Format, parse } from "./located/parse.ts";
import { lines, type Problem, place } from "./located/problem.ts";
import { resolvePaths } from "./located/resolve-paths.ts";
import { shapeOf } from "./located/shape.ts";
import { find, type ObjectNode, plain } from "./located/tree.ts";
import { type Plan, planOf } from "./plan.ts";
import { configSchema } from "./schema.ts";

/** The text of a configuration file. */
export interface ConfigText {
  /** The file, as messages name it; relative paths start from its folder. */
  readonly name: string;
  readonly format: Format;
  readonly text: string;
}

/** What a configuration depends on beyond its files. */
export interface ConfigEnvironment {
  readonly env: Env;
  /** What the machine is called unless the configuration says otherwise. */
  readonly hostName: string;
  /** `SIDEKICK_…` variables that are no settings: what templates read, for instance. */
  readonly ignore?: readonly string[];
}

/** Texts → one tree that knows its places → checked → plan. Throws CONFIG_INVALID. */
export function compile(texts: readonly ConfigText[], surroundings: ConfigEnvironment): Plan {
  const { env, hostName, ignore = [] } = surroundings;
  const problems: Problem[] = [];
  const sections = texts
    .map(({ text, name, format }) => parse(text, name, format, problems))
    .filter((section) => section !== undefined)
    .map((section) => expand(section, env, problems));
  const [first, ...others] = sections;
  // what a file that cannot be read would have said is not known: no more can be said of the whole
  if (!first || sections.length < texts.length) throw invalid(problems);
  const merged = others.reduce((whole, other) => merge(whole, other, problems), first);
  const shape = shapeOf(configSchema);
  const written = coerce(override(merged, shape, env, ignore, problems), shape);
  const resolved = resolvePaths(withKeyspace(written), shape);
  const result = configSchema.safeParse(plain(resolved));
  if (!result.success) {
    const told = new Set(problems.map(({ mark }) => place(mark)));
    const found = explain(result.error.issues, written, shape);
    problems.push(...found.filter(({ mark }) => !told.has(place(mark))));
  }
  problems.push(...conflicts(written));
  if (!result.success || problems.length > 0) throw invalid(problems);
  return planOf(result.data, templateNames(written), hostName);
}

/** The default names a folder beside the first file, so it has to have a place like all that is written. */
function withKeyspace(section: ObjectNode): ObjectNode {
  const { mark, fields } = section;
  if (fields.has("keyspace")) return section;
  const value = { kind: "scalar", mark, value: "file:./keyspace" } as const;
  return { ...section, fields: new Map(fields).set("keyspace", { key: mark, value }) };
}

function templateNames(section: ObjectNode): readonly string[] {
  const templates = find(section, ["watch", "templates"]);
  if (templates?.kind !== "list") return [];
  return templates.items.map((item) => {
    const source = find(item, ["source"]);
    return source?.kind === "scalar" ? String(source.value) : "";
  });
}

function invalid(problems: readonly Problem[]): Error {
  return faults.CONFIG_INVALID({ lines: lines(problems) });
}
