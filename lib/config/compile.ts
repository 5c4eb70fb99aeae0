import { checkCommandProblems } from "./check-commands.ts";
import { conflicts, hasDestinations } from "./conflicts.ts";
import { entryProblems } from "./entry-problems.ts";
import { faults } from "./faults.ts";
import { applyOverrides } from "./located/apply-overrides.ts";
import { coerceScalars } from "./located/coerce-scalars.ts";
import { type Env, expandVariables } from "./located/expand-variables.ts";
import { explainIssues } from "./located/explain-issues.ts";
import { mergeObjects } from "./located/merge-objects.ts";
import { oldNames } from "./located/old-names.ts";
import { parse, type SourceText } from "./located/parse.ts";
import { formatPosition, type Problem, problemLines } from "./located/problem.ts";
import { resolvePaths } from "./located/resolve-paths.ts";
import { type Shape, shapeOf } from "./located/shape.ts";
import { nodeAt, type ObjectNode, plainValue } from "./located/tree.ts";
import { overridesFrom } from "./overrides.ts";
import { pathResolvers } from "./path-resolvers.ts";
import type { Plan } from "./plan.ts";
import { planOf } from "./plan-of.ts";
import { renamedSettings } from "./renamed-settings.ts";
import { type Config, configSchema } from "./schema.ts";

/** The inputs of a configuration other than its files. */
export interface ConfigEnvironment {
  readonly env: Env;
  /** The default of `presence.name`. */
  readonly hostName: string;
  /** `SIDEKICK_…` variables that are not settings, such as variables that a template reads. */
  readonly ignore?: readonly string[];
  /** Receives a sentence for each `SIDEKICK_…` variable that names no setting. */
  readonly onWarning?: (sentence: string) => void;
}

/** A configuration, as far as it can be understood, and every problem in it. */
export interface Examined {
  /** Undefined if there is a problem. */
  readonly plan: Plan | undefined;
  /** All settings with their positions; undefined if a text cannot be parsed. */
  readonly root: ObjectNode | undefined;
  readonly problems: readonly Problem[];
  /** Variables that name no setting. */
  readonly warnings: readonly Problem[];
}

/** Turns the texts of configuration files into one plan. Throws CONFIG_INVALID with all problems. */
export function compile(texts: readonly SourceText[], environment: ConfigEnvironment): Plan {
  const { plan, problems, warnings } = examine(texts, environment);
  if (!plan) throw invalid(problems);
  for (const line of problemLines(warnings)) environment.onWarning?.(line);
  return plan;
}

export function examine(texts: readonly SourceText[], environment: ConfigEnvironment): Examined {
  const { env, hostName, ignore = [] } = environment;
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const merged = mergeTexts(texts, env, problems);
  if (!merged) return { plan: undefined, root: undefined, problems, warnings };
  const shape = shapeOf(configSchema);
  const overrides = overridesFrom(env, ignore);
  const root = coerceScalars(applyOverrides(merged, shape, overrides, problems, warnings), shape);
  problems.push(...oldNames(root, renamedSettings));
  const config = validate(root, shape, problems);
  problems.push(...conflicts(root), ...checkCommandProblems(root, shape));
  if (config) problems.push(...entryProblems(config, root));
  const isValid = config !== undefined && problems.length === 0;
  const plan = isValid ? planOf(config, templateNames(root), hostName) : undefined;
  return { plan, root, problems, warnings };
}

/** Undefined if one of the texts cannot be parsed: its settings are unknown, so further problems would be guesses. */
function mergeTexts(
  texts: readonly SourceText[],
  env: Env,
  problems: Problem[],
): ObjectNode | undefined {
  const roots = texts
    .map((text) => parse(text, "settings such as presence: or watch:", problems))
    .filter((root) => root !== undefined)
    .map((root) => expandVariables(root, env, problems));
  const [first, ...others] = roots;
  if (!first || roots.length < texts.length) return undefined;
  return others.reduce((whole, other) => mergeObjects(whole, other, problems), first);
}

/** Undefined if the schema rejects the configuration. A position that has a problem already gets no second one. */
function validate(root: ObjectNode, shape: Shape, problems: Problem[]): Config | undefined {
  const resolved = resolvePaths(withKeyspace(root), shape, pathResolvers);
  const result = configSchema.safeParse(plainValue(resolved));
  if (result.success) return result.data;
  const reported = new Set(problems.map(({ position }) => formatPosition(position)));
  const found = explainIssues(result.error.issues, root, shape);
  problems.push(...found.filter(({ position }) => !reported.has(formatPosition(position))));
  return undefined;
}

/**
 * The default of `keyspace` is a relative path, so it needs a position: the folder of the first file. An agent that registers in
 * destinations alone needs none.
 */
function withKeyspace(root: ObjectNode): ObjectNode {
  const { position, fields } = root;
  if (fields.has("keyspace")) return root;
  const isWithout = hasDestinations(root) && !fields.has("watch");
  const url = isWithout ? "none:" : "file:./keyspace";
  const value = { kind: "scalar", position, value: url } as const;
  return { ...root, fields: new Map(fields).set("keyspace", { keyPosition: position, value }) };
}

/** The templates' sources as they are written, before they are made absolute; of a generator, the file that has it. */
function templateNames(root: ObjectNode): readonly string[] {
  const templates = nodeAt(root, ["watch", "templates"]);
  if (templates?.kind !== "list") return [];
  return templates.items.map((item) => {
    const source = nodeAt(item, ["source"]);
    return source?.kind === "scalar" ? String(source.value) : item.position.name;
  });
}

function invalid(problems: readonly Problem[]): Error {
  return faults.CONFIG_INVALID({ lines: problemLines(problems) });
}
