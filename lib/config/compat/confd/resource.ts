import { type Format, kinds as formats } from "../../../render/escape/kinds.ts";
import type { Problem } from "../../located/problem.ts";
import type { ObjectNode } from "../../located/tree.ts";
import { Fields, type Located } from "../fields.ts";
import { parseGoDuration, parseGoMode } from "../go-flags.ts";
import { findForeignAction } from "./commands.ts";

/** A template resource: a file of conf.d. */
export interface Resource {
  readonly src: Located<string>;
  readonly dest: Located<string>;
  readonly keys: readonly string[];
  readonly prefix: string | undefined;
  readonly mode: number | undefined;
  /** A user and a group, by name or number. */
  readonly owner: string | undefined;
  readonly group: string | undefined;
  readonly check: Located<string> | undefined;
  readonly checkTimeoutMs: number;
  readonly reload: Located<string> | undefined;
  readonly reloadTimeoutMs: number;
  readonly minReloadIntervalMs: number;
  readonly debounceMs: number | undefined;
  /** The format of the file, which is a setting of sidekick; undefined for that of its path. */
  readonly format: Format | undefined;
}

const expectedDuration = "a duration such as 30s";

/** Reads a template resource. Undefined after a problem that leaves it without a source or a target. */
export function resourceOf(root: ObjectNode, problems: Problem[]): Resource | undefined {
  const file = new Fields(root, problems);
  const table = file.object("template");
  file.refuse(
    "backend",
    "a resource cannot have a backend of its own: run another sidekick confd for it",
  );
  file.finish();
  if (!table) {
    problems.push({ position: root.position, message: "the file has no table [template]" });
    return undefined;
  }
  const fields = new Fields(table, problems);
  const duration = (name: string) => fields.parsed(name, expectedDuration, parseGoDuration)?.value;
  const [src, dest] = [fields.text("src"), fields.text("dest")];
  const resource = {
    keys: fields.texts("keys")?.value ?? [],
    prefix: fields.text("prefix")?.value,
    mode: fields.parsed("mode", 'permissions such as "0644"', parseGoMode)?.value,
    owner: account(fields, "owner", "uid", problems),
    group: account(fields, "group", "gid", problems),
    check: nonEmpty(fields.text("check_cmd")),
    checkTimeoutMs: duration("check_cmd_timeout") ?? 30_000,
    reload: nonEmpty(fields.text("reload_cmd")),
    reloadTimeoutMs: duration("reload_cmd_timeout") ?? 60_000,
    minReloadIntervalMs: duration("min_reload_interval") ?? 0,
    debounceMs: duration("debounce"),
    format: fields.parsed("format", `one of ${Object.keys(formats).join(", ")}`, formatNamed)
      ?.value,
  };
  if (resource.check) findForeignAction(resource.check, problems);
  fields.refuse("output_format", "not supported: check the format with check_cmd");
  fields.finish();
  for (const [name, found] of [
    ["src", src],
    ["dest", dest],
  ] as const) {
    if (found && found.value !== "") continue;
    const position = found?.position ?? table.position;
    problems.push({ position, message: `${name} is missing` });
  }
  return src?.value && dest?.value ? { ...resource, src, dest } : undefined;
}

function formatNamed(text: string): Format | undefined {
  return Object.hasOwn(formats, text) ? (text as Format) : undefined;
}

/** A name, or confd's number; a negative number is as good as none. */
function account(
  fields: Fields,
  name: string,
  number: string,
  problems: Problem[],
): string | undefined {
  const [named, numbered] = [nonEmpty(fields.text(name)), fields.integer(number)];
  if (named && numbered) {
    problems.push({
      position: numbered.position,
      message: `only one of ${name} and ${number} is allowed`,
    });
  }
  if (named) return named.value;
  return numbered && numbered.value >= 0 ? String(numbered.value) : undefined;
}

function nonEmpty(found: Located<string> | undefined): Located<string> | undefined {
  return found?.value === "" ? undefined : found;
}
