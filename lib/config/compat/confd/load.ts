import { readdir, readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { systemCode } from "../../../base/fault.ts";
import { faults } from "../../faults.ts";
import type { Env } from "../../located/expand-variables.ts";
import { parse } from "../../located/parse.ts";
import { type Problem, problemLines } from "../../located/problem.ts";
import type { ObjectNode } from "../../located/tree.ts";
import type { Plan } from "../../plan.ts";
import type { ParsedFlags } from "../go-flags.ts";
import { isBackend, keyspaceOf } from "./backend.ts";
import { type Findings, type Given, givenOptions } from "./given.ts";
import { planOf } from "./plan.ts";
import { type Resource, resourceOf } from "./resource.ts";
import { type ConfdSettings, settingsOf } from "./settings.ts";

/** What confd is asked to do. */
export interface Confd {
  readonly plan: Plan;
  readonly mode: "watch" | "once" | "noop" | "check";
  /** The paths of the configuration, by which the agent is found: confd.toml, whether it exists or not, and conf.d. */
  readonly files: readonly string[];
  /** Sentences for the log. */
  readonly warnings: readonly string[];
}

export interface ConfdDeps {
  readonly env: Env;
  /** The working directory. */
  readonly folder: string;
  /** The servers of an SRV record, as `host:port`. */
  readonly resolveSrv: (name: string) => Promise<readonly string[]>;
}

/**
 * The plan of a command line of confd. Throws CONFIG_INVALID with every problem in options, confd.toml and conf.d, and
 * CONFIG_UNREADABLE.
 */
export async function loadConfd(flags: ParsedFlags, deps: ConfdDeps): Promise<Confd> {
  const { env, folder } = deps;
  const findings: Findings = { problems: [], warnings: [] };
  const { problems } = findings;
  const at = { name: "confd", folder };
  const configFile = resolve(
    folder,
    flags.values.get("config-file")?.at(-1) ?? (env.CONFD_CONFIG_FILE || "/etc/confd/confd.toml"),
  );
  const file = await readToml(configFile, folder, "options", problems, true);
  const given = givenOptions({ flags, env, file, folder }, findings);
  const command = flags.operands.find(isBackend);
  for (const operand of flags.operands) {
    if (operand !== command) problems.push({ position: at, message: `${operand} is no option` });
  }
  const named = command === undefined ? undefined : { value: command, position: at };
  const settings = settingsOf(given, named, folder, problems);
  const resources = await readResources(settings, folder, problems);
  const found = await serversOf(settings, deps, problems);
  const keyspace = keyspaceOf(settings, found, env.ETCDCTL_PEERS, problems);
  const place = { folder, joinsPrefixes: command !== undefined };
  const plan = keyspace && planOf(settings, keyspace, resources, place);
  if (!plan || problems.length > 0) throw faults.CONFIG_INVALID({ lines: problemLines(problems) });
  const warnings = problemLines(findings.warnings);
  const files = [configFile, join(settings.confDir, "conf.d")];
  return { plan, mode: modeOf(given), files, warnings };
}

function modeOf(given: Given): Confd["mode"] {
  const isSet = (name: string) => given.get(name)?.value === true;
  if (isSet("check-config")) return "check";
  if (isSet("noop")) return "noop";
  return isSet("onetime") ? "once" : "watch";
}

/** Undefined if no SRV record is to be asked for. confd asks once, at the start. */
async function serversOf(
  { srvRecord, scheme, backend }: ConfdSettings,
  { resolveSrv }: ConfdDeps,
  problems: Problem[],
): Promise<readonly string[] | undefined> {
  if (!srvRecord || ["env", "file"].includes(backend.value)) return undefined;
  try {
    const servers = await resolveSrv(srvRecord);
    return servers.map((server) => (backend.value === "etcd" ? `${scheme}://${server}` : server));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `the SRV record ${srvRecord} cannot be resolved: ${why}`;
    problems.push({ position: backend.position, message });
    return undefined;
  }
}

/** The resources in conf.d and its folders, in the order of their paths. */
async function readResources(
  { confDir }: ConfdSettings,
  folder: string,
  problems: Problem[],
): Promise<readonly Resource[]> {
  const path = join(confDir, "conf.d");
  const names = await readdir(path, { recursive: true, withFileTypes: true }).catch(
    (error: unknown) => {
      if (systemCode(error) === undefined) throw error;
      throw faults.CONFIG_UNREADABLE({ file: path }, error);
    },
  );
  const files = names.filter((one) => !one.isDirectory() && one.name.endsWith("toml"));
  const resources: Resource[] = [];
  const targets = new Map<string, string>();
  for (const file of files.map((one) => join(one.parentPath, one.name)).sort()) {
    const root = await readToml(file, folder, "a table [template]", problems);
    const resource = root && resourceOf(root, problems);
    if (!resource) continue;
    resources.push(resource);
    const { value: dest, position } = resource.dest;
    const other = targets.get(resolve(folder, dest));
    if (other) problems.push({ position, message: `dest: ${other} has the same one` });
    targets.set(resolve(folder, dest), nameOf(file, folder));
  }
  if (files.length === 0) {
    problems.push({ position: { name: path, folder }, message: "it has no file *.toml" });
  }
  return resources;
}

async function readToml(
  path: string,
  folder: string,
  expected: string,
  problems: Problem[],
  mayBeMissing = false,
): Promise<ObjectNode | undefined> {
  const name = nameOf(path, folder);
  try {
    const text = await readFile(path, "utf8");
    // An empty file of options is none.
    if (mayBeMissing && /^(\s*(#.*)?\n?)*$/.test(text)) return undefined;
    return parse({ name, format: "toml", text }, expected, problems);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    if (mayBeMissing && code === "ENOENT") return undefined;
    throw faults.CONFIG_UNREADABLE({ file: name }, error);
  }
}

/** The path from the working directory, if that is shorter. */
function nameOf(path: string, folder: string): string {
  const short = relative(folder, path);
  return short.startsWith("..") ? path : short;
}
