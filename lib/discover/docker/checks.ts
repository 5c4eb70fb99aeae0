import { nearest } from "../../base/nearest.ts";
import type { RawCheck, ReadCheck } from "../contract.ts";
import { parseGoDuration } from "./go-duration.ts";
import type { Labels } from "./labels.ts";

/** A check as labels ask for it, and under which key each of its fields was written. */
interface Asked {
  readonly raw: RawCheck;
  readonly keys: Readonly<Record<string, string>>;
}

/** Under which keys stands what all checks have. */
const timing = {
  interval: "check_interval",
  timeout: "check_timeout",
  rise: "check_rise",
  fall: "check_fall",
};

/** Keys that mean something to Consul alone: here nothing is announced before it is well, nor kept while it is not. */
const ofConsul = ["check_initial_status", "check_deregister_after"];

const others = [
  ...["check_http", "check_https", "check_tcp", "check_grpc", "check_script", "check_cmd"],
  ...["check_http_method", "check_https_method", "check_grpc_service", "check_grpc_use_tls"],
  ...["check_tls_skip_verify", "check_ttl"],
];

const known = [...Object.values(timing), ...ofConsul, ...others];

/** The checks that labels ask for. What makes no sense is a problem of the labels. */
export function checksOf<Check>(
  labels: Labels,
  { protocol, commands }: { readonly protocol: string; readonly commands: boolean },
  readCheck: ReadCheck<Check>,
): readonly Check[] {
  refuseUnknown(labels);
  // What is asked of all ports is not asked of one that speaks UDP.
  const speaks = (key: string) => protocol === "tcp" || labels.written(key)?.ofPort;
  const asked = [
    ...(speaks("check_http") ? http(labels, "check_http") : []),
    ...(speaks("check_https") ? http(labels, "check_https") : []),
    ...(speaks("check_tcp") ? tcp(labels) : []),
    ...(speaks("check_grpc") ? grpc(labels) : []),
    ...script(labels, commands),
  ];
  return asked.flatMap(({ raw, keys }) => {
    const read = readCheck({ ...raw, ...timingOf(labels) });
    if ("check" in read) return [read.check];
    const key = { ...keys, ...timing }[read.field];
    labels.refuse(key ?? keys.type ?? "", read.why);
    return [];
  });
}

function refuseUnknown(labels: Labels): void {
  for (const key of labels.keys()) {
    if (!key.startsWith("check_") || known.includes(key)) continue;
    const near = nearest(bare(key), known.map(bare));
    const meant = near ? `: did you mean ${spelled(near, labels.written(key)?.label)}?` : "";
    labels.refuse(key, `there is no such check${meant}`);
  }
}

function bare(key: string): string {
  return key.replace("check_", "");
}

/** A check as it would be written in the style of another label. */
function spelled(name: string, like = ""): string {
  return like.startsWith("sidekick.")
    ? `sidekick.check.${name}`
    : `SERVICE_CHECK_${name.toUpperCase()}`;
}

function http(labels: Labels, key: "check_http" | "check_https"): readonly Asked[] {
  const path = labels.written(key)?.value;
  if (path === undefined) return [];
  const methodKey = `${key}_method`;
  const method = labels.written(methodKey)?.value;
  const tls = key === "check_https" && trust(labels);
  const raw = { type: "http", path, ...(method && { method }), ...(tls && { tls }) };
  return [{ raw, keys: { type: key, path: key, method: methodKey } }];
}

function tcp(labels: Labels): readonly Asked[] {
  return labels.yes("check_tcp") ? [{ raw: { type: "tcp" }, keys: { type: "check_tcp" } }] : [];
}

function grpc(labels: Labels): readonly Asked[] {
  if (!labels.yes("check_grpc")) return [];
  const service = labels.written("check_grpc_service")?.value;
  const tls = labels.yes("check_grpc_use_tls") && trust(labels);
  const raw = { type: "grpc", ...(service && { service }), ...(tls && { tls }) };
  return [{ raw, keys: { type: "check_grpc", service: "check_grpc_service" } }];
}

/** What is asked over TLS is to show a certificate that we trust, unless that is said to be unnecessary. */
function trust(labels: Labels): true | { readonly insecure: true } {
  return labels.yes("check_tls_skip_verify") ? { insecure: true } : true;
}

function script(labels: Labels, commands: boolean): readonly Asked[] {
  for (const key of ["check_cmd", "check_ttl"]) {
    if (labels.written(key)) labels.refuse(key, notHere[key] ?? "");
  }
  const text = labels.written("check_script")?.value;
  if (text === undefined) return [];
  if (!commands) {
    const why = "it asks this agent to run a command, which commands: true would allow";
    labels.refuse("check_script", `${why}; a HEALTHCHECK runs in the container`);
    return [];
  }
  const line = text.replaceAll("$SERVICE_IP", "{host}").replaceAll("$SERVICE_PORT", "{port}");
  const raw = { type: "exec", command: ["sh", "-c", line] };
  return [{ raw, keys: { type: "check_script", command: "check_script" } }];
}

/** Checks of which only Consul and its helpers know how to make them, and what does the same here. */
const notHere: Readonly<Record<string, string>> = {
  check_cmd: "a command that runs in the container is its HEALTHCHECK",
  check_ttl: "there is no Consul to report to: expected a HEALTHCHECK, or another check",
};

function timingOf(labels: Labels): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const [field, key] of Object.entries(timing)) {
    const value = labels.written(key)?.value;
    if (value === undefined) continue;
    found[field] = /^\d+$/.test(value) ? Number(value) : parseGoDuration(value);
  }
  return found;
}
