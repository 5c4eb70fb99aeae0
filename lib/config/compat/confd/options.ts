import type { GoFlag } from "../go-flags.ts";

/** An option of confd, or of its fork. */
export interface ConfdOption extends GoFlag {
  readonly kind: "text" | "list" | "boolean" | "integer";
  /** Its name in confd.toml; undefined if it cannot stand there. */
  readonly key?: string;
  /** Its meaning, for the help. */
  readonly help: string;
  /** Why it is accepted without an effect. */
  readonly ignored?: string;
  /** Why it is refused. */
  readonly refused?: string;
}

type Details = Partial<Pick<ConfdOption, "key" | "aliases" | "ignored" | "refused">>;

const option =
  (kind: ConfdOption["kind"]) =>
  (name: string, help: string, details: Details = {}): ConfdOption => {
    return { name, kind, isBoolean: kind === "boolean", help, key: name, ...details };
  };

const [text, list] = [option("text"), option("list")];
const [boolean, integer] = [option("boolean"), option("integer")];

/** It cannot stand in confd.toml. */
const noKey = { key: undefined } as unknown as Details;

const vault = { ignored: "it is for the backend vault only" };

/** Every option of confd 0.16 and of its fork that has a meaning for the backends that sidekick has, or is refused by name. */
export const options: readonly ConfdOption[] = [
  text("backend", "etcd, etcdv3, zookeeper, file or env (default etcd)"),
  list("node", "address of a server; may be repeated", { key: "nodes", aliases: ["n"] }),
  text("prefix", "folder of the keys, instead of each resource's prefix"),
  text("confdir", "folder with conf.d and templates (default /etc/confd)"),
  text("config-file", "file with options (default /etc/confd/confd.toml)", noKey),
  boolean("onetime", "render every file once and exit: 1 if any failed"),
  boolean("watch", "render when keys change alone, without the interval"),
  integer("interval", "seconds between renderings without a change (default 600)"),
  boolean("noop", "print what would change, and change nothing"),
  boolean("sync-only", "write files without check_cmd and reload_cmd"),
  text("log-level", "debug, info, warn, error, fatal or panic (default info)"),
  text("client-ca-keys", "CA certificates of the servers (PEM)", { key: "client_cakeys" }),
  text("client-cert", "client certificate (PEM)", { key: "client_cert" }),
  text("client-key", "private key of the client certificate (PEM)", { key: "client_key" }),
  boolean("client-insecure", "refused: give -client-ca-keys", { key: "client_insecure" }),
  boolean("basic-auth", "log in with -username and -password", { key: "basic_auth" }),
  text("username", "user name"),
  text("password", "password"),
  text("srv-domain", "find the servers by _<backend>._tcp.<domain>", { key: "srv_domain" }),
  text("srv-record", "find the servers by this SRV record", { key: "srv_record" }),
  text("scheme", "http or https, for servers of an SRV record"),
  list("file", "with -backend file: a YAML or JSON file, or a folder"),
  text("filter", "with -backend file: file names in folders (default *)"),
  boolean("keep-stage-file", "without effect: -noop prints the differences", {
    key: "keepstagefile",
    ignored: "candidates are never kept; -noop prints the differences",
  }),
  text("debounce", "apply changes once none has arrived for this long"),
  boolean("check-config", "validate the configuration and exit", noKey),
  text("log-format", "without effect: the log is JSON unless it is a terminal", {
    ignored: "the log is lines of JSON unless standard error is a terminal",
  }),
  text("auth-token", "without effect", { key: "auth_token", ...vault }),
  text("auth-type", "without effect", { key: "auth_type", ...vault }),
  text("app-id", "without effect", { key: "app_id", ...vault }),
  text("user-id", "without effect", { key: "user_id", ...vault }),
  text("role-id", "without effect", { key: "role_id", ...vault }),
  text("secret-id", "without effect", { key: "secret_id", ...vault }),
  text("path", "without effect", vault),
  text("table", "without effect", { ignored: "it is for the backend dynamodb only" }),
  text("separator", "without effect", { ignored: "it is for the backend redis only" }),
  text("secret-keyring", "refused", {
    key: "secret_keyring",
    refused: "encrypted values (cget, cgetv) are not supported",
  }),
  text("failure-mode", "refused unless best-effort"),
  text("batch-interval", "refused", { refused: "not supported: use -debounce" }),
  boolean("version", "print the version and exit", noKey),
  boolean("help", "print this help and exit", { ...noKey, aliases: ["h"] }),
];

/** The options that confd or its fork reads from the environment, too, beside those of TLS files. */
const inEnvironment = (
  "confdir config-file prefix interval watch onetime noop sync-only log-level debounce keep-stage-file " +
  "srv-domain srv-record client-cert client-key"
).split(" ");

/**
 * The environment variable of an option; undefined if it has none. Images have variables of their own with such names, of which
 * `CONFD_VERSION` is the most common one.
 */
export function variableOf({ name }: ConfdOption): string | undefined {
  if (name === "client-ca-keys") return "CONFD_CLIENT_CAKEYS";
  if (!inEnvironment.includes(name)) return undefined;
  return `CONFD_${name.toUpperCase().replaceAll("-", "_")}`;
}
