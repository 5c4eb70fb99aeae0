import { basename, extname } from "node:path";
import type { Level } from "../../../base/log.ts";
import { explainIssues } from "../../located/explain-issues.ts";
import { formatOf, parse } from "../../located/parse.ts";
import { formatPosition, type Problem } from "../../located/problem.ts";
import { resolvePaths } from "../../located/resolve-paths.ts";
import { shapeOf } from "../../located/shape.ts";
import { formatPath, nodeAt, type ObjectNode, plainValue, positionAt } from "../../located/tree.ts";
import { pathResolvers } from "../../path-resolvers.ts";
import type { Plan } from "../../plan.ts";
import { withServices } from "../service-files.ts";
import { notes } from "./notes.ts";
import { planOf, type Reported } from "./plan.ts";
import { refusals } from "./refusals.ts";
import { reporterOf } from "./reporter.ts";
import { type NerveConfig, nerveSchema } from "./schema.ts";
import { withReporters } from "./with-reporters.ts";

/** The inputs of a configuration of Nerve other than its text. */
export interface NerveEnvironment {
  readonly log: Level;
  /** Replaces `instance_id`. */
  readonly instanceId?: string | undefined;
  /** The files in `service_conf_dir`, in the order of their names. */
  readonly serviceFiles?: readonly { readonly file: string; readonly text: string }[];
}

/** A configuration of Nerve, as far as it can be understood. */
export interface ReadNerve {
  /** Undefined if there is a problem. */
  readonly plan: Plan | undefined;
  /** The folder with a file for each service, absolute; undefined if there is none. */
  readonly serviceFolder: string | undefined;
  readonly problems: readonly Problem[];
  /** Settings that have no effect. */
  readonly warnings: readonly Problem[];
}

/** Reads the text of `nerve.conf.json`, which may be YAML. */
export function readNerveConfig(
  text: string,
  file: string,
  { log, instanceId, serviceFiles = [] }: NerveEnvironment,
): ReadNerve {
  const problems: Problem[] = [];
  const main = parsed(text, file, "keys such as instance_id and services", problems);
  const resolved = main && resolvePaths(main, shapeOf(nerveSchema), pathResolvers);
  const serviceFolder = folderIn(resolved);
  const services = serviceFiles.map((one) => ({
    name: basename(one.file, extname(one.file)),
    service: parsed(one.text, one.file, "the settings of a service", problems),
  }));
  const joined = resolved && withReporters(withServices(resolved, services, problems));
  const root = joined && instanceId ? withInstanceId(joined, instanceId) : joined;
  if (!root || problems.length > 0) {
    return { plan: undefined, serviceFolder, problems, warnings: [] };
  }
  problems.push(...refusals(root));
  const config = validated(root, problems);
  const reported = config && problems.length === 0 ? reportedOf(config, root, problems) : [];
  const isValid = config && problems.length === 0;
  return {
    plan: isValid ? planOf(config, reported, log) : undefined,
    serviceFolder,
    problems,
    warnings: isValid ? notes(config, root) : [],
  };
}

function parsed(
  text: string,
  name: string,
  expected: string,
  problems: Problem[],
): ObjectNode | undefined {
  return parse({ name, format: formatOf(name), text }, expected, problems);
}

function folderIn(root: ObjectNode | undefined): string | undefined {
  const node = root && nodeAt(root, ["service_conf_dir"]);
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}

function withInstanceId(root: ObjectNode, instanceId: string): ObjectNode {
  const position = { ...root.position, name: "the option -i, or NERVE_INSTANCE_ID" };
  const value = { kind: "scalar", position, value: instanceId } as const;
  const field = { keyPosition: position, value };
  return { ...root, fields: new Map(root.fields).set("instance_id", field) };
}

/** Undefined if the schema rejects the configuration. A position that has a problem already gets no second one. */
function validated(root: ObjectNode, problems: Problem[]): NerveConfig | undefined {
  const result = nerveSchema.safeParse(plainValue(root));
  if (result.success) return result.data;
  const reported = new Set(problems.map(({ position }) => formatPosition(position)));
  const found = explainIssues(result.error.issues, root, shapeOf(nerveSchema));
  problems.push(...found.filter(({ position }) => !reported.has(formatPosition(position))));
  return undefined;
}

/** The services with their reporters. Two may have the same node only if ZooKeeper numbers it, or its name has the value. */
function reportedOf(
  { instance_id, services = {} }: NerveConfig,
  root: ObjectNode,
  problems: Problem[],
): readonly Reported[] {
  const reported: Reported[] = [];
  const nodes = new Map<string, string>();
  for (const [name, service] of Object.entries(services)) {
    const reporter = reporterOf(service, instance_id);
    const at = ["services", name];
    if ("why" in reporter) {
      const path = [...at, reporter.setting];
      problems.push({
        position: positionAt(root, path),
        message: `${formatPath(path)}: ${reporter.why}`,
      });
      continue;
    }
    const { keyspace, path, form } = reporter;
    const node = `${keyspace.url}${path}`;
    const other = nodes.get(node);
    const isDistinct = form.isNumbered || form.encodesValue || keyspace.location.kind === "memory";
    if (other !== undefined && !isDistinct) {
      const message = `${formatPath(at)} has the same node as ${other}: give it a zk_path of its own`;
      problems.push({ position: positionAt(root, at), message });
    }
    nodes.set(node, formatPath(at));
    reported.push({ name, service, reporter });
  }
  if (reported.length === 0 && problems.length === 0) {
    problems.push({
      position: root.position,
      message: "there is no service: expected one in services",
    });
  }
  return reported;
}
