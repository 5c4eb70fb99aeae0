import type { DockerSettings } from "../../../discover/docker/schema.ts";
import { isHost } from "../../../model/host.ts";
import { isQuotable, quotable } from "../../../model/names.ts";
import type { Plan } from "../../plan.ts";
import { type ParsedFlags, parseGoBoolean } from "../go-flags.ts";
import { options } from "./options.ts";
import { type Registry, registryAt } from "./registry.ts";

/** What registrator is asked to do. */
export interface Registrator {
  readonly plan: Plan;
  /** Sentences about options without the effect that they have in registrator. */
  readonly warnings: readonly string[];
}

export interface RegistratorDeps {
  /** The value of DOCKER_HOST. */
  readonly dockerHost: string | undefined;
  /** The name of this machine. */
  readonly hostName: string;
}

/** Where registrator's image expects the socket of the engine. */
const defaultDockerHost = "unix:///tmp/docker.sock";

/** The default of `presence.ttl`, in milliseconds. */
const defaultTtlMs = 10_000;

/** The plan of a command line of registrator, or the problems in it: sentences. */
export function readRegistrator(
  flags: ParsedFlags,
  { dockerHost = defaultDockerHost, hostName }: RegistratorDeps,
): Registrator | { readonly problems: readonly string[] } {
  const problems = [...flags.problems];
  const values = valuesOf(flags, problems);
  const registry = registryOf(flags, problems);
  const socket = socketOf(dockerHost, problems);
  problems.push(...timeProblems(values));
  const docker = dockerOf(values, registry?.ids ?? "container", socket, problems);
  if (!registry || problems.length > 0) return { problems };
  const { keyspace, prefix, format } = registry;
  const ttl = integer(values, "ttl");
  const plan: Plan = {
    log: "info",
    keyspace,
    presence: {
      ...{ ttlMs: ttl ? ttl * 1000 : defaultTtlMs, drainDelayMs: 1000, shutdownTimeoutMs: 10_000 },
      ...{ prefix, format, name: hostName, services: [], docker },
    },
  };
  return { plan, warnings: warningsOf(values) };
}

type Values = ReadonlyMap<string, string | number | boolean>;

/** The last value of each option, with its type. */
function valuesOf({ values }: ParsedFlags, problems: string[]): Values {
  const typed = new Map<string, string | number | boolean>();
  for (const { name, kind } of options) {
    const last = values.get(name)?.at(-1);
    if (last === undefined) continue;
    const value =
      kind === "text" ? last : kind === "boolean" ? parseGoBoolean(last) : countOf(last);
    if (value !== undefined) typed.set(name, value);
    else
      problems.push(
        `the option -${name} is ${last}: expected ${kind === "boolean" ? "true or false" : "a whole number"}`,
      );
  }
  return typed;
}

function countOf(text: string): number | undefined {
  return /^[+-]?\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function integer(values: Values, name: string): number | undefined {
  const value = values.get(name);
  return typeof value === "number" ? value : undefined;
}

function text(values: Values, name: string): string | undefined {
  const value = values.get(name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function registryOf({ operands }: ParsedFlags, problems: string[]): Registry | undefined {
  const [url, ...more] = operands;
  if (more.length > 0) problems.push(`there are further arguments: ${more.join(" ")}`);
  if (url === undefined) {
    problems.push("the URL of the registry is missing, such as etcd://10.0.0.1:2379/services");
    return undefined;
  }
  const registry = registryAt(url);
  if (!("why" in registry)) return registry;
  problems.push(registry.why);
  return undefined;
}

/** registrator checks the same before it starts. */
function timeProblems(values: Values): readonly string[] {
  const [ttl = 0, refresh = 0] = [integer(values, "ttl"), integer(values, "ttl-refresh")];
  const problems: string[] = [];
  if (ttl < 0 || refresh < 0) problems.push("-ttl and -ttl-refresh are at least 0");
  else if (ttl > 0 !== refresh > 0) problems.push("-ttl and -ttl-refresh belong together");
  else if (ttl > 0 && ttl <= refresh) problems.push("-ttl has to be greater than -ttl-refresh");
  const interval = integer(values, "retry-interval");
  if (interval !== undefined && interval <= 0) {
    problems.push("-retry-interval has to be greater than 0");
  }
  const deregister = text(values, "deregister") ?? "always";
  if (!["always", "on-success"].includes(deregister)) {
    problems.push(`the option -deregister is ${deregister}: expected always or on-success`);
  }
  return problems;
}

function socketOf(dockerHost: string, problems: string[]): string {
  const [, path] = /^unix:\/\/(\/.+)$/.exec(dockerHost) ?? [];
  if (path !== undefined) return path;
  problems.push(
    `DOCKER_HOST is ${dockerHost}: expected a socket, such as unix:///var/run/docker.sock`,
  );
  return "";
}

function dockerOf(
  values: Values,
  ids: DockerSettings["ids"],
  socket: string,
  problems: string[],
): DockerSettings {
  const [ip, label] = [text(values, "ip"), text(values, "useIpFromLabel")];
  if (ip !== undefined && !isHost(ip))
    problems.push(`the option -ip is ${ip}: expected an address`);
  const given = text(values, "tags") ?? "";
  if (given.includes("{{"))
    problems.push("-tags is a template: expected tags with commas between them");
  else if (!isQuotable(given)) problems.push(`-tags is ${given}: expected ${quotable}`);
  // registrator advertises the address of -ip whatever address a port is published at.
  const address =
    values.get("internal") === true ? "container" : ip === undefined ? "published" : "host";
  return {
    ...{ socket, ids, address, loopback: false, commands: false },
    explicit: values.get("explicit") === true,
    ...(ip !== undefined && { ip }),
    ...(label !== undefined && { useIpFromLabel: label }),
    tags: given.split(",").filter(Boolean),
  };
}

function warningsOf(values: Values): readonly string[] {
  if (text(values, "deregister") !== "on-success") return [];
  return [
    "-deregister on-success has no effect: the entry of a container that has failed is removed, too, for nothing answers there",
  ];
}
