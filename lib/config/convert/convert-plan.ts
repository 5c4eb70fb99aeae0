import { isDeepStrictEqual } from "node:util";
import { Document, isMap, isScalar, isSeq, type Pair, type Scalar } from "yaml";
import { type ConfigEnvironment, compile } from "../compile.ts";
import type { Plan } from "../plan.ts";
import { configSchema } from "../schema.ts";
import { effective } from "./effective.ts";
import { keyspaceSettings, passwordVariable } from "./keyspace-settings.ts";
import { given, minimal } from "./minimal.ts";
import { presenceSettings } from "./presence-settings.ts";
import { watchSettings } from "./watch-settings.ts";

/** A line of a comment above a setting. */
export interface Comment {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

export interface PrintedPlan {
  /** The text of `sidekick.yaml`. */
  readonly text: string;
  /** What the text is loaded as, if it is the file `name`. */
  readonly plan: Plan;
}

export interface PlanPrinting {
  /** The path of the file, to which those of the templates are relative. */
  readonly name: string;
  /** The lines at its beginning. */
  readonly title: readonly string[];
  /** The paths of the templates, from the folder of the file; undefined for a generator. */
  readonly sources: readonly (string | undefined)[];
  readonly comments: readonly Comment[];
}

/** A plan as a configuration, without defaults. Throws an error if the configuration is another plan: that is a bug. */
export function printPlan(
  given: Plan,
  printing: PlanPrinting,
  environment: ConfigEnvironment,
): PrintedPlan {
  const plan = effective(given);
  const text = textOf(plan, printing);
  const password = plan.keyspace.access.password;
  const env = { ...environment.env, ...(password && { [passwordVariable]: password }) };
  const read = compile([{ name: printing.name, format: "yaml", text }], { ...environment, env });
  if (!isDeepStrictEqual(plain(effective(read)), plain(plan))) {
    throw new Error(`the configuration has another meaning than the plan:\n${text}`);
  }
  return { text, plan: read };
}

function textOf(plan: Plan, { title, sources, comments }: PlanPrinting): string {
  const { log, keyspace, mounts, presence, watch } = plan;
  const settings = minimal(
    given({
      log,
      keyspace: keyspaceSettings(keyspace),
      mounts:
        mounts &&
        Object.fromEntries(
          Object.entries(mounts).map(([folder, one]) => [folder, keyspaceSettings(one)]),
        ),
      presence: presence && presenceSettings(presence),
      watch: watch && watchSettings(watch, sources),
    }),
    configSchema.pick({ log: true }).loose(),
  );
  const document = new Document(settings, { aliasDuplicateObjects: false });
  document.commentBefore = title.map((line) => ` ${line}`).join("\n");
  const secret = plan.keyspace.access.password && {
    path: ["keyspace", "password"],
    text: "The password is not copied: set this variable, or write passwordFile.",
  };
  for (const one of [...(secret ? [secret] : []), ...comments]) comment(document, one);
  flowCommands(document);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** Writes the comment above the setting at a path; above its item, if that begins with it. */
function comment(document: Document, { path, text }: Comment): void {
  const parent = document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return;
  const at = parent.items.findIndex((one) => keyOf(one) === path.at(-1));
  const isFirst = at === 0 && typeof path.at(-2) === "number";
  const node = isFirst ? parent : (parent.items[at]?.key as Scalar | undefined);
  if (node) node.commentBefore = [node.commentBefore, ` ${text}`].filter(Boolean).join("\n");
}

function keyOf({ key }: Pair): unknown {
  return isScalar(key) ? key.value : key;
}

/** Commands, and short lists of short words, stand on one line. */
function flowCommands(document: Document): void {
  const visit = (node: unknown): void => {
    if (isMap(node)) for (const { value } of node.items) visit(value);
    if (!isSeq(node)) return;
    const words = node.items.map((item) => (isScalar(item) ? String(item.value) : undefined));
    const isShort = words.every((word) => word !== undefined && !word.includes("\n"));
    const { length } = words.join(", ");
    if (isShort && length <= 60) node.flow = true;
    else node.items.forEach(visit);
  };
  visit(document.contents);
}

/** Without prototypes and frozen objects, which the comparison would see. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]));
}
