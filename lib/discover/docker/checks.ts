import { parseDuration } from "../../base/duration.ts";
import { nearest } from "../../base/nearest.ts";
import type { RawCheck, ReadCheck } from "../contract.ts";
import { parseGoDuration } from "./go-duration.ts";
import type { Labels } from "./labels.ts";
import { minIntervalMs } from "./limits.ts";

/** A check requested by labels, and the key of the label for each of its fields. */
interface RequestedCheck {
  readonly raw: RawCheck;
  readonly keys: Readonly<Record<string, string>>;
}

/** The keys of the fields that all checks have. */
const timing = {
  interval: "check_interval",
  timeout: "check_timeout",
  rise: "check_rise",
  fall: "check_fall",
};

/** Keys for Consul only: here an instance is registered only while it is healthy. */
const consulOnly = ["check_initial_status", "check_deregister_after"];

const others = [
  ...["check_http", "check_https", "check_tcp", "check_grpc", "check_script", "check_cmd"],
  ...["check_http_method", "check_https_method", "check_grpc_service", "check_grpc_use_tls"],
  ...["check_tls_skip_verify", "check_ttl"],
];

const known = [...Object.values(timing), ...consulOnly, ...others];

/** The checks that labels request. Invalid ones are added to the problems of the labels. */
export function checksOf<Check>(
  labels: Labels,
  { protocol, commands }: { readonly protocol: string; readonly commands: boolean },
  readCheck: ReadCheck<Check>,
): readonly Check[] {
  rejectUnknown(labels);
  // A check for all ports does not apply to UDP ports.
  const applies = (key: string) => protocol === "tcp" || labels.get(key)?.ofPort;
  const requested = [
    ...(applies("check_http") ? http(labels, "check_http") : []),
    ...(applies("check_https") ? http(labels, "check_https") : []),
    ...(applies("check_tcp") ? tcp(labels) : []),
    ...(applies("check_grpc") ? grpc(labels) : []),
    ...script(labels, commands),
  ];
  return requested.flatMap(({ raw, keys }) => {
    const read = readCheck({ ...raw, ...timingOf(labels) });
    if ("check" in read) return [read.check];
    const key = { ...keys, ...timing }[read.field];
    labels.reject(key ?? keys.type ?? "", read.why);
    return [];
  });
}

function rejectUnknown(labels: Labels): void {
  for (const key of labels.keys()) {
    if (!key.startsWith("check_") || known.includes(key)) continue;
    const near = nearest(withoutPrefix(key), known.map(withoutPrefix));
    const hint = near ? `: did you mean ${labelFor(near, labels.get(key)?.label)}?` : "";
    labels.reject(key, `there is no such check${hint}`);
  }
}

function withoutPrefix(key: string): string {
  return key.replace("check_", "");
}

/** The label of a check, in the style of a similar label. */
function labelFor(name: string, similar = ""): string {
  return similar.startsWith("sidekick.")
    ? `sidekick.check.${name}`
    : `SERVICE_CHECK_${name.toUpperCase()}`;
}

function http(labels: Labels, key: "check_http" | "check_https"): readonly RequestedCheck[] {
  const path = labels.get(key)?.value;
  if (path === undefined) return [];
  const methodKey = `${key}_method`;
  const method = labels.get(methodKey)?.value;
  const tls = key === "check_https" && tlsOf(labels);
  const raw = { type: "http", path, ...(method && { method }), ...(tls && { tls }) };
  return [{ raw, keys: { type: key, path: key, method: methodKey } }];
}

function tcp(labels: Labels): readonly RequestedCheck[] {
  return labels.boolean("check_tcp") ? [{ raw: { type: "tcp" }, keys: { type: "check_tcp" } }] : [];
}

function grpc(labels: Labels): readonly RequestedCheck[] {
  if (!labels.boolean("check_grpc")) return [];
  const service = labels.get("check_grpc_service")?.value;
  const tls = labels.boolean("check_grpc_use_tls") && tlsOf(labels);
  const raw = { type: "grpc", ...(service && { service }), ...(tls && { tls }) };
  return [{ raw, keys: { type: "check_grpc", service: "check_grpc_service" } }];
}

/** The certificate is verified unless the labels skip that. */
function tlsOf(labels: Labels): true | { readonly insecure: true } {
  return labels.boolean("check_tls_skip_verify") ? { insecure: true } : true;
}

function script(labels: Labels, commands: boolean): readonly RequestedCheck[] {
  for (const key of ["check_cmd", "check_ttl"]) {
    if (labels.get(key)) labels.reject(key, unsupported[key] ?? "");
  }
  const text = labels.get("check_script")?.value;
  if (text === undefined) return [];
  if (!commands) {
    const why = "it makes this agent run a command, which only commands: true allows";
    labels.reject("check_script", `${why}; a HEALTHCHECK runs in the container`);
    return [];
  }
  const line = text.replaceAll("$SERVICE_IP", "{host}").replaceAll("$SERVICE_PORT", "{port}");
  const raw = { type: "exec", command: ["sh", "-c", line] };
  return [{ raw, keys: { type: "check_script", command: "check_script" } }];
}

/** Checks that only Consul and registrator support, and their replacements here. */
const unsupported: Readonly<Record<string, string>> = {
  check_cmd: "not supported: use a HEALTHCHECK to run a command in the container",
  check_ttl: "not supported without Consul: use a HEALTHCHECK or another check",
};

function timingOf(labels: Labels): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const [field, key] of Object.entries(timing)) {
    const value = labels.get(key)?.value;
    if (value === undefined) continue;
    found[field] = /^\d+$/.test(value) ? Number(value) : parseGoDuration(value);
  }
  const intervalMs = parseDuration(String(found.interval));
  if (intervalMs === undefined || intervalMs >= minIntervalMs) return found;
  labels.adjust(timing.interval, `raised to ${minIntervalMs}ms, the shortest interval for labels`);
  return { ...found, interval: `${minIntervalMs}ms` };
}
