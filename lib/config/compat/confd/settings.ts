import { resolve } from "node:path";
import type { Level } from "../../../base/log.ts";
import type { Problem } from "../../located/problem.ts";
import type { Position } from "../../located/tree.ts";
import type { Located } from "../fields.ts";
import { parseGoDuration } from "../go-flags.ts";
import type { Given, OptionValue } from "./given.ts";

/** The settings of confd other than its template resources. */
export interface ConfdSettings {
  readonly backend: Located<string>;
  readonly nodes: Located<readonly string[]> | undefined;
  readonly srvRecord: string | undefined;
  readonly scheme: string;
  readonly access: ConfdAccess;
  readonly files: readonly string[];
  readonly filter: string;
  /** Undefined if each resource has its own. */
  readonly prefix: string | undefined;
  readonly confDir: string;
  readonly log: Level;
  readonly syncOnly: boolean;
  readonly debounceMs: number | undefined;
  /** How often confd would read all keys anew; undefined if it would follow them. */
  readonly intervalMs: number | undefined;
}

/** TLS files and credentials. */
export interface ConfdAccess {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

const levels: Readonly<Record<string, Level>> = {
  ...{ panic: "error", fatal: "error", error: "error", warn: "warn", warning: "warn" },
  ...{ info: "info", debug: "debug" },
};

/** The settings that the options make up. `backend` is the one that is named as a command, as for confd's fork. */
export function settingsOf(
  given: Given,
  command: Located<string> | undefined,
  folder: string,
  problems: Problem[],
): ConfdSettings {
  const text = (name: string) => given.get(name) as Located<string> | undefined;
  const isSet = (name: string) => given.get(name)?.value === true;
  const nowhere: Position = { name: "confd", folder };
  const path = (name: string) => text(name) && resolve(folder, text(name)?.value ?? "");
  const one = <T>(name: string, expected: string, read: (text: string) => T | undefined) => {
    const found = text(name);
    if (!found) return undefined;
    const value = read(found.value);
    if (value === undefined)
      problems.push({ position: found.position, message: `expected ${expected}` });
    return value;
  };
  one("failure-mode", "best-effort: a resource that fails never stops the others", (mode) =>
    mode === "best-effort" ? mode : undefined,
  );
  const insecure = given.get("client-insecure");
  if (insecure?.value === true) {
    const message = "the certificates of servers are always verified: give -client-ca-keys instead";
    problems.push({ position: insecure.position, message });
  }
  const backend = command ?? text("backend") ?? { value: "etcd", position: nowhere };
  const domain = text("srv-domain")?.value;
  return {
    backend,
    nodes: listOf(given.get("node")),
    srvRecord:
      text("srv-record")?.value ?? (domain && `_${backend.value}._tcp.${domain}.`) ?? undefined,
    scheme: one("scheme", "http or https", (s) => (/^https?$/.test(s) ? s : undefined)) ?? "http",
    access: {
      ...{ ca: path("client-ca-keys"), cert: path("client-cert"), key: path("client-key") },
      user: isSet("basic-auth") ? text("username")?.value : undefined,
      password: isSet("basic-auth") ? text("password")?.value : undefined,
    },
    files: (listOf(given.get("file"))?.value ?? []).map((file) => resolve(folder, file)),
    filter: text("filter")?.value ?? "*",
    prefix: text("prefix")?.value || undefined,
    confDir: resolve(folder, text("confdir")?.value ?? "/etc/confd"),
    log:
      one("log-level", `one of ${Object.keys(levels).join(", ")}`, (level) => levels[level]) ??
      "info",
    syncOnly: isSet("sync-only"),
    intervalMs: isSet("watch") ? undefined : intervalOf(given),
    debounceMs: one("debounce", "a duration such as 2s", parseGoDuration),
  };
}

/** confd's default is ten minutes. */
function intervalOf(given: Given): number {
  const seconds = given.get("interval")?.value;
  return typeof seconds === "number" ? Math.max(1, seconds) * 1000 : 600_000;
}

function listOf(found: Located<OptionValue> | undefined): Located<readonly string[]> | undefined {
  return found && Array.isArray(found.value)
    ? { value: found.value as readonly string[], position: found.position }
    : undefined;
}
