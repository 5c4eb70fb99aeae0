import { excerpt } from "../../../base/excerpt.ts";
import { allowed, misplaced } from "../../../render/synapse/section-lines.ts";
import { objectsAt } from "../../located/old-names.ts";
import type { Problem } from "../../located/problem.ts";
import {
  formatPath,
  nodeAt,
  type ObjectNode,
  type Path,
  positionAt,
  type Tree,
} from "../../located/tree.ts";
import { linesOf } from "./haproxy-output.ts";
import type { HaproxyServiceConfig } from "./haproxy-schema.ts";
import type { SynapseConfig } from "./schema.ts";

/** Settings that have no effect, by the objects that may have them, with the reason. */
const withoutEffect: readonly (readonly [within: string, key: string, why: string])[] = [
  ["", "statsd", "metrics are served over HTTP: see status.listen"],
  ["nginx", "start_command", "nginx is started by its own service"],
  ["services.*", "load_test_concurrency", "it is for load tests of Synapse itself"],
  ...["discovery", "discovery.watchers.*", "discovery_multi.watchers.*"].flatMap((discovery) => {
    const within = `services.*.${discovery}`;
    return [
      [within, "discovery_jitter", "only changed entries are read: there is nothing to spread"],
      [within, "retry_policy", "failures are retried with back-off, without end"],
      [within, "polling_interval_sec", "changes are followed as they happen"],
      [within, "check_interval", "the watcher has intervals of its own"],
      [within, "generator_config_path", "an entry never changes the configuration"],
    ] as const;
  }),
];

/** What a configuration has that is valid, but has no effect: warnings, each with its position. */
export function notes(config: SynapseConfig, root: ObjectNode): readonly Problem[] {
  const services = Object.entries(config.services ?? {});
  return [
    ...ineffective(root),
    ...services.flatMap(([name, { haproxy }]) =>
      haproxy ? haproxyNotes(["services", name, "haproxy"], haproxy, config, root) : [],
    ),
    ...sharedFrontendNotes(config, root),
    ...unwrittenNotes(config, root),
  ];
}

function unwrittenNotes({ haproxy }: SynapseConfig, root: ObjectNode): readonly Problem[] {
  const {
    do_writes: writes = true,
    do_reloads: reloads = true,
    do_socket: socket = true,
  } = haproxy ?? {};
  const note = (key: string, message: string) => [
    { position: positionAt(root, ["haproxy", key]), message },
  ];
  if (!writes) {
    return note(
      "do_writes",
      "haproxy has no effect: do_writes is false, and the running haproxy is only changed together with its file",
    );
  }
  if (reloads || !socket) return [];
  return note(
    "do_reloads",
    "haproxy.do_socket has no effect: do_reloads is false, and a running haproxy cannot take every change of its file",
  );
}

function ineffective(root: ObjectNode): readonly Problem[] {
  return withoutEffect.flatMap(([within, key, why]) =>
    objectsAt(root, within.split(".").filter(Boolean)).flatMap(({ path, object }) => {
      const field = object.fields.get(key);
      if (!field || isDisabled(field.value)) return [];
      const message = `${formatPath([...path, key])} has no effect: ${why}`;
      return [{ position: field.keyPosition, message }];
    }),
  );
}

/** `generator_config_path` is `disabled` where no entry is to change the configuration. */
function isDisabled(value: Tree): boolean {
  return value.kind === "scalar" && (value.value === "disabled" || value.value === null);
}

function haproxyNotes(
  path: Path,
  haproxy: HaproxyServiceConfig,
  config: SynapseConfig,
  root: ObjectNode,
): readonly Problem[] {
  const name = formatPath(path);
  if (!config.haproxy) {
    return [
      {
        position: positionAt(root, path),
        message: `${name} has no effect: haproxy is not configured`,
      },
    ];
  }
  if (haproxy.shared_frontend && !config.haproxy.shared_frontend) {
    const place = [...path, "shared_frontend"];
    const message = `${formatPath(place)} has no effect: haproxy.shared_frontend is not set`;
    return [{ position: positionAt(root, place), message }];
  }
  const shared = leftOut([...path, "shared_frontend"], haproxy.shared_frontend ?? [], root);
  const own = misplaced(linesOf(haproxy)).map(({ path: [setting, i], line }) =>
    leftOutLine([...path, setting], setting, i, line, root),
  );
  return [...own, ...shared];
}

function sharedFrontendNotes({ haproxy }: SynapseConfig, root: ObjectNode): readonly Problem[] {
  return leftOut(["haproxy", "shared_frontend"], haproxy?.shared_frontend ?? [], root);
}

/** The lines that haproxy does not take in a frontend. */
function leftOut(path: Path, lines: readonly string[], root: ObjectNode): readonly Problem[] {
  const kept = new Set(allowed("frontend", lines));
  return lines.flatMap((line, i) =>
    kept.has(line) ? [] : [leftOutLine(path, "frontend", i, line, root)],
  );
}

function leftOutLine(
  path: Path,
  section: string,
  i: number,
  line: string,
  root: ObjectNode,
): Problem {
  // A single line may be written without a list.
  const place = nodeAt(root, path)?.kind === "list" ? [...path, i] : path;
  const message = `${formatPath(place)} is left out: haproxy has no ${excerpt(line)} in a ${section} section`;
  return { position: positionAt(root, place), message };
}
