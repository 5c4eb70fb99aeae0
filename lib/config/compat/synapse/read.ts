import { basename, extname } from "node:path";
import { coerceScalars } from "../../located/coerce-scalars.ts";
import type { Env } from "../../located/expand-variables.ts";
import { explainIssues } from "../../located/explain-issues.ts";
import { formatOf, parse } from "../../located/parse.ts";
import { formatPosition, type Problem } from "../../located/problem.ts";
import { resolvePaths } from "../../located/resolve-paths.ts";
import { shapeOf } from "../../located/shape.ts";
import { nodeAt, type ObjectNode, plainValue } from "../../located/tree.ts";
import { pathResolvers } from "../../path-resolvers.ts";
import { withServices } from "../service-files.ts";
import { conflicts } from "./conflicts.ts";
import { expandErb } from "./erb.ts";
import { haproxyOutput } from "./haproxy-output.ts";
import { nginxOutput } from "./nginx-output.ts";
import { notes } from "./notes.ts";
import { refusals } from "./refusals.ts";
import { type ServiceConfig, type SynapseConfig, synapseSchema } from "./schema.ts";
import { serviceOf } from "./service.ts";
import type { FileOutput, SynapseSettings } from "./settings.ts";
import { unsupported } from "./unsupported.ts";

/** The inputs of a configuration of Synapse other than its text. */
export interface SynapseEnvironment {
  readonly env: Env;
  /** Decides the order of servers where no seed is set. */
  readonly hostName: string;
  /** The files in `service_conf_dir`, in the order of their names. */
  readonly serviceFiles?: readonly { readonly file: string; readonly text: string }[];
}

/** A configuration of Synapse, as far as it can be understood. */
export interface ReadSynapse {
  /** Undefined if there is a problem. */
  readonly settings: SynapseSettings | undefined;
  /** The folder with a file for each service, absolute; undefined if there is none. */
  readonly serviceFolder: string | undefined;
  readonly problems: readonly Problem[];
  /** Settings that are understood, but that a watcher has no counterpart of. */
  readonly unsupported: readonly Problem[];
  /** Settings that have no effect. */
  readonly warnings: readonly Problem[];
}

/** Reads the text of `synapse.conf.json`, which may be YAML. */
export function readSynapseConfig(
  text: string,
  file: string,
  { env, hostName, serviceFiles = [] }: SynapseEnvironment,
): ReadSynapse {
  const problems: Problem[] = [];
  const main = parsed(text, file, "keys such as services and haproxy", env, problems);
  const shape = shapeOf(synapseSchema);
  const resolved = main && resolvePaths(main, shape, pathResolvers);
  const serviceFolder = folderIn(resolved);
  const services = serviceFiles.map((one) => ({
    name: basename(one.file, extname(one.file)),
    service: parsed(one.text, one.file, "the settings of a service", env, problems),
  }));
  const root = main && withServices(main, services, problems);
  if (!root || problems.length > 0) {
    return { settings: undefined, serviceFolder, problems, unsupported: [], warnings: [] };
  }
  problems.push(...refusals(root));
  const config = validated(root, problems);
  if (config) problems.push(...conflicts(config, root));
  const isValid = config && problems.length === 0;
  return {
    settings: isValid ? settingsOf(config, hostName) : undefined,
    serviceFolder,
    problems,
    unsupported: isValid ? unsupported(config, root) : [],
    warnings: config ? notes(config, root) : [],
  };
}

function parsed(
  text: string,
  name: string,
  expected: string,
  env: Env,
  problems: Problem[],
): ObjectNode | undefined {
  const expanded = expandErb(text, name, env, problems);
  return parse({ name, format: formatOf(name), text: expanded }, expected, problems);
}

function folderIn(root: ObjectNode | undefined): string | undefined {
  const node = root && nodeAt(root, ["service_conf_dir"]);
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}

/** Undefined if the schema rejects the configuration. A position that has a problem already gets no second one. */
function validated(root: ObjectNode, problems: Problem[]): SynapseConfig | undefined {
  const shape = shapeOf(synapseSchema);
  const resolved = coerceScalars(resolvePaths(root, shape, pathResolvers), shape);
  const result = synapseSchema.safeParse(plainValue(resolved));
  if (result.success) return result.data;
  const reported = new Set(problems.map(({ position }) => formatPosition(position)));
  const found = explainIssues(result.error.issues, root, shape);
  problems.push(...found.filter(({ position }) => !reported.has(formatPosition(position))));
  return undefined;
}

function settingsOf(config: SynapseConfig, hostName: string): SynapseSettings {
  const services = Object.entries(config.services ?? {});
  const haproxyServices = new Map(services.map(([name, { haproxy = {} }]) => [name, haproxy]));
  const haproxy = config.haproxy && haproxyOutput(config.haproxy, haproxyServices, hostName);
  const nginxServices = new Map(services.map(([name, { nginx = {} }]) => [name, nginx]));
  const nginx = config.nginx && nginxOutput(config.nginx, nginxServices, hostName);
  const fileOutput = fileOutputOf(config, services);
  return {
    services: services.map(([name, service]) => serviceOf(name, service)),
    ...(haproxy && { haproxy }),
    ...(nginx && { nginx }),
    ...(fileOutput && { fileOutput }),
  };
}

type Services = readonly (readonly [name: string, service: ServiceConfig])[];

function fileOutputOf(
  { file_output: output }: SynapseConfig,
  services: Services,
): FileOutput | undefined {
  if (!output) return undefined;
  const enabled = services.filter(([, service]) => !service.file_output?.disabled);
  return { folder: output.output_directory, services: enabled.map(([name]) => name) };
}
