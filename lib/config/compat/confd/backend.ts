import { type KeyspaceConfig, keyspaceSchema } from "../../../keyspace/schema.ts";
import type { Problem } from "../../located/problem.ts";
import type { Position } from "../../located/tree.ts";
import type { ConfdAccess, ConfdSettings } from "./settings.ts";

/** The backends of confd and its fork that sidekick has none for. */
const foreign = [
  ...["acm", "dynamodb", "imds", "rancher", "redis", "secretsmanager", "ssm"],
  ...["stackengine", "vault"],
];

const own = ["etcd", "etcdv3", "zookeeper", "consul", "file", "env"];

export function isBackend(name: string): boolean {
  return own.includes(name) || foreign.includes(name);
}

/**
 * The keyspace of a backend. `found` are the servers of its SRV record, which take the place of all others. Undefined after a
 * problem.
 */
export function keyspaceOf(
  settings: ConfdSettings,
  found: readonly string[] | undefined,
  peers: string | undefined,
  problems: Problem[],
): KeyspaceConfig | undefined {
  const { backend, nodes, files, filter } = settings;
  const { position } = backend;
  const reject = (message: string, at: Position = position): undefined => {
    problems.push({ position: at, message });
  };
  switch (backend.value) {
    case "env":
      return parsed("env:", {}, position, problems);
    case "file": {
      if (files.length === 0) return reject("the backend file needs -file");
      const config = parsed(`yaml:${files.join(",")}`, {}, position, problems);
      return config && { ...config, location: { kind: "yaml", paths: files, filter } };
    }
    case "etcd":
    case "etcdv3":
    case "consul":
    case "zookeeper": {
      const servers = found ?? nodes?.value ?? defaultNodes(backend.value, peers);
      const { access } = settings;
      if (backend.value === "zookeeper") {
        const hosts = servers.map((node) => node.replace(/^\w+:\/\//, "").replace(/\/+$/, ""));
        return parsed(`zk://${hosts.join(",")}`, access, nodes?.position ?? position, problems);
      }
      const scheme = backend.value === "consul" ? "consul" : "etcd";
      return overHttp(scheme, servers, access, nodes?.position ?? position, problems);
    }
    default: {
      const why = foreign.includes(backend.value) ? "sidekick has no" : "there is no";
      return reject(`${why} backend ${backend.value}: expected one of ${own.join(", ")}`);
    }
  }
}

/** The defaults of confd: the backend etcd still has the port of etcd 2. */
function defaultNodes(backend: string, peers: string | undefined): readonly string[] {
  if (backend === "zookeeper") return ["127.0.0.1:2181"];
  if (backend === "consul") return ["127.0.0.1:8500"];
  if (backend === "etcdv3") return ["127.0.0.1:2379"];
  return peers ? peers.split(",") : ["http://127.0.0.1:4001"];
}

/** A server without a scheme is reached by TLS if there are TLS files. */
function overHttp(
  scheme: "etcd" | "consul",
  nodes: readonly string[],
  access: ConfdAccess,
  position: Position,
  problems: Problem[],
): KeyspaceConfig | undefined {
  const isTls = nodes.map((node) => {
    const [, given] = /^(https?):\/\//.exec(node) ?? [];
    return given === undefined
      ? access.ca !== undefined || access.cert !== undefined
      : given === "https";
  });
  if (new Set(isTls).size > 1) {
    problems.push({ position, message: "some servers are http:// and others https://" });
    return undefined;
  }
  const hosts = nodes.map((node) => node.replace(/^https?:\/\//, "").replace(/\/+$/, ""));
  const url = `${scheme}${isTls[0] ? "s" : ""}://${hosts.join(",")}`;
  return parsed(url, access, position, problems);
}

function parsed(
  url: string,
  access: Partial<ConfdAccess>,
  position: Position,
  problems: Problem[],
): KeyspaceConfig | undefined {
  const given = Object.entries(access).filter(([, value]) => value !== undefined);
  const result = keyspaceSchema.safeParse({ url, ...Object.fromEntries(given) });
  if (result.success) return result.data;
  for (const { message, path } of result.error.issues) {
    const field = path.at(-1);
    const named = field === undefined || field === "url" ? "" : `${String(field)}: `;
    problems.push({ position, message: `${named}${message}` });
  }
  return undefined;
}
