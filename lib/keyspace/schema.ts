import { z } from "zod";
import { Fault } from "../base/fault.ts";
import { optionalDuration, path } from "../base/schema.ts";
import { formatKeyspaceUrl } from "./format-url.ts";
import {
  type ConsulCatalogLocation,
  type ConsulLocation,
  type EtcdLocation,
  type KubernetesLocation,
  type Location,
  parseKeyspaceUrl,
  type ZookeeperLocation,
} from "./url.ts";

/** TLS files and credentials for a server. The files are read again for each new connection. */
export interface Access {
  /** Path of a PEM file, as `cert` and `key` are. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Path of a file with the password in its first line. */
  readonly passwordFile?: string | undefined;
  /** A secret that takes the place of user and password. */
  readonly token?: string | undefined;
  /** Path of a file with the token in its first line. */
  readonly tokenFile?: string | undefined;
}

/** The `keyspace:` of a configuration; written as a URL or as an object, the result is the same. */
export interface KeyspaceConfig {
  /** For display: without user and password. */
  readonly url: string;
  readonly location: Location;
  readonly access: Access;
  /** ZooKeeper numbers the nodes: it appends `_` and ten digits to each key. */
  readonly sequential?: boolean | undefined;
}

const url = z
  .string()
  .describe(
    "URL of the store for the entries: file:./folder, etcd://h1:2379,h2:2379, zk://h1:2181/folder, consul://h1:8500/folder; with TLS etcds://h1:2379, zks://h1:2281/folder, consuls://h1:8501/folder. " +
      "etcd://h1:2379?slashless has the keys of etcd that do not begin with a slash. " +
      "For watchers also yaml:./keys.yaml, files in YAML or JSON, env:, the environment variables, srv:_http._tcp.web.example.com, the " +
      "SRV records of a name, kubernetes:namespace, the EndpointSlices of a namespace, and consul-catalog://h1:8500, the services of Consul.",
  )
  .meta({ format: "keyspace" });

const withAccess = z.strictObject({
  url,
  ca: path
    .optional()
    .describe("PEM file with the CA certificates that the server's certificate is verified with."),
  cert: path
    .optional()
    .describe("PEM file with the client certificate, if the server requires one."),
  key: path.optional().describe("PEM file with the private key of the client certificate."),
  user: z.string().min(1).optional().describe("User name, if the server requires authentication."),
  password: z
    .string()
    .min(1)
    .optional()
    .describe("Password of the user; passwordFile keeps it out of the configuration."),
  passwordFile: path.optional().describe("File with the password of the user in its first line."),
  token: z
    .string()
    .min(1)
    .optional()
    .describe("Token for kubernetes: and consul://; tokenFile keeps it out of the configuration."),
  tokenFile: path
    .optional()
    .describe("File with the token in its first line; it is read again when the token is rotated."),
  filter: z
    .string()
    .min(1)
    .optional()
    .describe(
      "The names of the files to read in the folders of a yaml: keyspace, with * and ?, such as *.yaml. Default: all.",
    ),
  interval: optionalDuration
    .refine((ms) => ms === undefined || ms >= 1000, "expected a duration of at least 1s")
    .describe("How often the records of an srv: keyspace are looked up. Default: 10s."),
  sequential: z
    .boolean()
    .optional()
    .describe(
      "Creates sequential nodes, as Nerve does: ZooKeeper appends _ and a number. zk:// and zks:// only.",
    ),
});

/** A URL, or an object with a URL, TLS files and credentials. */
export const keyspaceSchema = z
  .union([url, withAccess])
  .transform((input, context): KeyspaceConfig => {
    const { url, sequential, filter, interval, ...access } =
      typeof input === "string" ? { url: input, ...noSettings } : input;
    const config = toConfig(url, access, { sequential, filter, interval });
    if (!isProblem(config)) return config;
    const path = typeof input === "string" ? [] : [config.field];
    context.addIssue({ code: "custom", message: config.message, path, input });
    return z.NEVER;
  });

const noSettings = { sequential: undefined, filter: undefined, interval: undefined };

/** The settings that keyspaces of one kind have. */
interface KindSettings {
  readonly sequential: boolean | undefined;
  readonly filter: string | undefined;
  /** In milliseconds. */
  readonly interval: number | undefined;
}

/** The kind that has a setting, and how its URLs begin. */
const kindWith = {
  sequential: ["zookeeper", "a zk:// keyspace"],
  filter: ["yaml", "a yaml: keyspace"],
  interval: ["srv", "an srv: keyspace"],
} as const satisfies Record<keyof KindSettings, readonly [Location["kind"], string]>;

interface Problem {
  readonly message: string;
  readonly field: keyof Access | "url" | keyof KindSettings;
}

function toConfig(url: string, access: Access, settings: KindSettings): KeyspaceConfig | Problem {
  const located = locate(url);
  if (isProblem(located)) return located;
  const problem = settingsProblem(located, settings) ?? accessProblem(located, access);
  if (problem) return problem;
  const displayUrl = formatKeyspaceUrl(located);
  if (!isRemote(located))
    return { url: displayUrl, location: withSettings(located, settings), access };
  const { login, ...bare } = located;
  const { sequential } = settings;
  return {
    url: displayUrl,
    location: bare,
    access: { ...access, ...login },
    ...(sequential && { sequential }),
  };
}

function settingsProblem({ kind }: Location, settings: KindSettings): Problem | undefined {
  const names = Object.keys(kindWith) as (keyof KindSettings)[];
  const field = names.find((name) => settings[name] !== undefined && kindWith[name][0] !== kind);
  return field && { message: `only supported by ${kindWith[field][1]}: leave it out`, field };
}

function withSettings(location: Location, { filter, interval }: KindSettings): Location {
  if (location.kind === "yaml" && filter !== undefined) return { ...location, filter };
  if (location.kind === "srv" && interval !== undefined) {
    return { ...location, intervalMs: interval };
  }
  return location;
}

function isProblem(result: object): result is Problem {
  return "message" in result;
}

function locate(url: string): Location | Problem {
  try {
    return parseKeyspaceUrl(url);
  } catch (error) {
    if (error instanceof Fault) return { message: error.message, field: "url" };
    throw error;
  }
}

function unsupportedAccess({ kind }: Location, access: Access): Problem | undefined {
  const [at] = givenFields(access);
  return at && { message: `not supported by a ${kind}: keyspace: leave it out`, field: at };
}

type Remote = EtcdLocation | ZookeeperLocation;

/** The keyspaces of servers, which may require TLS files and credentials. */
type Server = Remote | KubernetesLocation | ConsulLocation | ConsulCatalogLocation;

function isServer(location: Location): location is Server {
  return location.kind in ways;
}

function isRemote(location: Location): location is Remote {
  return location.kind === "etcd" || location.kind === "zookeeper";
}

/** Which fields of the access a keyspace has besides those of TLS, which all servers have. */
const ways = {
  kubernetes: ["token", "tokenFile"],
  consul: ["token", "tokenFile"],
  "consul-catalog": ["token", "tokenFile"],
  etcd: ["user", "password", "passwordFile"],
  zookeeper: ["user", "password", "passwordFile"],
} as const satisfies Partial<Record<Location["kind"], readonly (keyof Access)[]>>;

function accessProblem(location: Location, access: Access): Problem | undefined {
  if (!isServer(location)) return unsupportedAccess(location, access);
  const supported: readonly string[] = ["ca", "cert", "key", ...ways[location.kind]];
  const field = givenFields(access).find((name) => !supported.includes(name));
  if (field) return { message: `not supported by ${location.kind}: leave it out`, field };
  return tlsProblem(location, access) ?? loginProblem(location, access) ?? tokenProblem(access);
}

function tokenProblem({ token, tokenFile }: Access): Problem | undefined {
  if (!token || !tokenFile) return undefined;
  return { message: "only one of token and tokenFile is allowed", field: "tokenFile" };
}

function tlsProblem(location: Server, { ca, cert, key }: Access): Problem | undefined {
  if (cert && !key) return { message: "requires key as well", field: "cert" };
  if (key && !cert) return { message: "requires cert as well", field: "key" };
  if (location.kind === "kubernetes" || location.tls || !(ca || cert)) return undefined;
  const scheme = secureSchemes[location.kind];
  return { message: `requires a URL with ${scheme}://`, field: ca ? "ca" : "cert" };
}

const secureSchemes = {
  etcd: "etcds",
  zookeeper: "zks",
  consul: "consuls",
  "consul-catalog": "consuls-catalog",
};

function loginProblem(location: Server, access: Access): Problem | undefined {
  const login = isRemote(location) ? location.login : undefined;
  const { user, password, passwordFile } = access;
  const at = password ? "password" : passwordFile ? "passwordFile" : undefined;
  if (login && (user || at)) {
    return { message: "user and password are already in the URL", field: at ?? "user" };
  }
  if (password && passwordFile)
    return { message: "only one of password and passwordFile is allowed", field: "passwordFile" };
  if (user && !at) return { message: "requires passwordFile as well", field: "user" };
  return !user && at ? { message: "requires user as well", field: at } : undefined;
}

/** The names of the fields that are set, in the order of the configuration. */
function givenFields(access: Access): readonly (keyof Access)[] {
  return (Object.keys(access) as (keyof Access)[]).filter((name) => access[name] !== undefined);
}
