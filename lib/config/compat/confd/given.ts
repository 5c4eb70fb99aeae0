import { isDeepStrictEqual } from "node:util";
import type { Env } from "../../located/expand-variables.ts";
import { formatPosition, type Problem } from "../../located/problem.ts";
import type { ObjectNode, Position } from "../../located/tree.ts";
import { Fields, type Located } from "../fields.ts";
import { type ParsedFlags, parseGoBoolean } from "../go-flags.ts";
import { type ConfdOption, options, variableOf } from "./options.ts";

export type OptionValue = string | boolean | number | readonly string[];

/** The options that were given, by name: a file yields to variables, and these to the command line. */
export type Given = ReadonlyMap<string, Located<OptionValue>>;

export interface OptionSources {
  readonly flags: ParsedFlags;
  readonly env: Env;
  /** The contents of confd.toml; undefined if there is none. */
  readonly file: ObjectNode | undefined;
  /** The folder of relative paths on the command line. */
  readonly folder: string;
}

/** Where problems and warnings are added. */
export interface Findings {
  readonly problems: Problem[];
  readonly warnings: Problem[];
}

/** Joins the options of all sources. Reports the ones that are refused, and those that have no effect. */
export function givenOptions(sources: OptionSources, { problems, warnings }: Findings): Given {
  const { flags, env, file, folder } = sources;
  const given = new Map<string, Located<OptionValue>>();
  const fields = file && new Fields(file, problems);
  for (const option of options) {
    const { name } = option;
    const inFile = fields && option.key !== undefined ? ofFile(fields, option) : undefined;
    const inEnv = ofVariable(option, env, folder, warnings);
    const at = { name: `the option -${name}`, folder };
    const inFlags = ofTexts(option, flags.values.get(name), at, problems);
    const one = inFlags ?? inEnv ?? inFile;
    if (!one) continue;
    given.set(name, one);
    if (inFile && one !== inFile && !isDeepStrictEqual(one.value, inFile.value)) {
      const message = `takes precedence over ${formatPosition(inFile.position)}, which confd 0.16 would use`;
      warnings.push({ position: one.position, message });
    }
    const { ignored, refused } = option;
    if (refused !== undefined) problems.push({ position: one.position, message: refused });
    if (ignored !== undefined) {
      warnings.push({ position: one.position, message: `has no effect: ${ignored}` });
    }
  }
  fields?.finish();
  return given;
}

function ofFile(fields: Fields, { kind, key = "" }: ConfdOption): Located<OptionValue> | undefined {
  if (kind === "list") return fields.texts(key);
  if (kind === "boolean") return fields.boolean(key);
  return kind === "integer" ? fields.integer(key) : fields.text(key);
}

/** An empty variable is as good as none. One that cannot be read is a warning: it may be meant for something else. */
function ofVariable(
  option: ConfdOption,
  env: Env,
  folder: string,
  warnings: Problem[],
): Located<OptionValue> | undefined {
  const name = variableOf(option);
  const text = name && env[name];
  if (!name || !text) return undefined;
  const problems: Problem[] = [];
  const found = ofTexts(option, [text], { name, folder }, problems);
  warnings.push(
    ...problems.map(({ position, message }) => ({
      position,
      message: `has no effect: ${message}`,
    })),
  );
  return found;
}

function ofTexts(
  { kind }: ConfdOption,
  texts: readonly string[] | undefined,
  position: Position,
  problems: Problem[],
): Located<OptionValue> | undefined {
  const last = texts?.at(-1);
  if (texts === undefined || last === undefined) return undefined;
  if (kind === "list") return { value: texts, position };
  if (kind === "text") return { value: last, position };
  const value = kind === "boolean" ? parseGoBoolean(last) : integerOf(last);
  if (value !== undefined) return { value, position };
  const expected = kind === "boolean" ? "true or false" : "an integer";
  problems.push({ position, message: `expected ${expected}` });
  return undefined;
}

function integerOf(text: string): number | undefined {
  return /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}
