import { z } from "zod";
import { Fault } from "../base/fault.ts";
import { path } from "../base/schema.ts";
import {
  type EtcdLocation,
  formatKeyspaceUrl,
  type Location,
  type Login,
  parseKeyspaceUrl,
  type ZookeeperLocation,
} from "./url.ts";

/** Files and a login for a server; the files are read again for each new connection. */
export interface Access {
  /** Paths of PEM files. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Path of a file whose first line is the password. */
  readonly passwordFile?: string | undefined;
}

/** The `keyspace:` of a configuration in its one form, whichever way it was written. */
export interface KeyspaceConfig {
  /** For people: without user and password. */
  readonly url: string;
  readonly location: Location;
  readonly access: Access;
  /** ZooKeeper numbers the nodes: each key is shown with `_` and ten digits after it. */
  readonly sequential?: boolean | undefined;
}

const url = z
  .string()
  .describe(
    "Where the entries are kept: file:./folder, etcd://h1:2379,h2:2379, zk://h1:2181/folder; with TLS etcds://h1:2379, zks://h1:2281/folder.",
  )
  .meta({ format: "keyspace" });

const withAccess = z.strictObject({
  url,
  ca: path.optional().describe("PEM file with the authority that signed the server."),
  cert: path.optional().describe("PEM file with our certificate, where the server asks for one."),
  key: path.optional().describe("PEM file with the key of our certificate."),
  user: z.string().min(1).optional().describe("Who we are, where the server asks for a password."),
  password: z.string().min(1).optional().describe("The user's password; better in passwordFile."),
  passwordFile: path.optional().describe("File whose first line is the user's password."),
  sequential: z
    .boolean()
    .optional()
    .describe(
      "Names nodes as Nerve does, with _ and a number by ZooKeeper at the end: zk:// only.",
    ),
});

/** A URL, or an object with a URL and what it takes to be let in. */
export const keyspaceSchema = z
  .union([url, withAccess])
  .transform((written, context): KeyspaceConfig => {
    const { url, sequential, ...access } =
      typeof written === "string" ? { url: written, sequential: undefined } : written;
    const found = accept(url, access, sequential);
    if (!("says" in found)) return sequential ? { ...found, sequential } : found;
    const path = typeof written === "string" ? [] : [found.at];
    context.addIssue({ code: "custom", message: found.says, path, input: written });
    return z.NEVER;
  });

interface Problem {
  readonly says: string;
  readonly at: keyof Access | "url" | "sequential";
}

function accept(
  url: string,
  access: Access,
  sequential: boolean | undefined,
): KeyspaceConfig | Problem {
  const location = locate(url);
  if ("says" in location) return location;
  if (sequential !== undefined && location.kind !== "zookeeper") {
    return { says: "only a zk:// keyspace numbers its entries: leave it out", at: "sequential" };
  }
  const problem = isRemote(location) ? misfit(location, access) : useless(location, access);
  if (problem) return problem;
  const shown = formatKeyspaceUrl(location);
  if (!isRemote(location)) return { url: shown, location, access };
  const { login, ...bare } = location;
  return { url: shown, location: bare, access: { ...access, ...login } };
}

function locate(url: string): Location | Problem {
  try {
    return parseKeyspaceUrl(url);
  } catch (error) {
    if (error instanceof Fault) return { says: error.message, at: "url" };
    throw error;
  }
}

function useless({ kind }: Location, access: Access): Problem | undefined {
  const [at] = named(access);
  return at && { says: `a ${kind}: keyspace has no use for it: leave it out`, at };
}

type Remote = EtcdLocation | ZookeeperLocation;

function isRemote(location: Location): location is Remote {
  return location.kind === "etcd" || location.kind === "zookeeper";
}

function misfit(location: Remote, access: Access): Problem | undefined {
  return tlsMisfit(location, access) ?? loginMisfit(location.login, access);
}

function tlsMisfit({ kind, tls }: Remote, { ca, cert, key }: Access): Problem | undefined {
  if (cert && !key) return { says: "expected a key beside it", at: "cert" };
  if (key && !cert) return { says: "expected a cert beside it", at: "key" };
  if (tls || !(ca || cert)) return undefined;
  const scheme = kind === "etcd" ? "etcds" : "zks";
  return { says: `expected a URL with ${scheme}:// beside it`, at: ca ? "ca" : "cert" };
}

function loginMisfit(login: Login | undefined, access: Access): Problem | undefined {
  const { user, password, passwordFile } = access;
  const at = password ? "password" : passwordFile ? "passwordFile" : undefined;
  if (login && (user || at)) {
    return { says: "the URL has user and password already", at: at ?? "user" };
  }
  if (password && passwordFile) return { says: "expected only one password", at: "passwordFile" };
  if (user && !at) return { says: "expected a passwordFile beside it", at: "user" };
  return !user && at ? { says: "expected a user beside it", at } : undefined;
}

/** The names of what is given, in the order in which it was written. */
function named(access: Access): readonly (keyof Access)[] {
  return (Object.keys(access) as (keyof Access)[]).filter((name) => access[name] !== undefined);
}
