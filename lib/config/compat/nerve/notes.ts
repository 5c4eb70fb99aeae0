import type { Problem } from "../../located/problem.ts";
import { formatPath, keyPositionAt, type ObjectNode, type Path } from "../../located/tree.ts";
import type { NerveConfig, NerveService } from "./schema.ts";

/** Settings of a configuration that is valid, but have no effect: warnings, each with its position. */
export function notes(config: NerveConfig, root: ObjectNode): readonly Problem[] {
  const note = (path: Path, why: string): Problem => ({
    position: keyPositionAt(root, path),
    message: `${formatPath(path)} has no effect: ${why}`,
  });
  const top = [
    ...(config.statsd ? [note(["statsd"], "metrics are served over HTTP: see status.listen")] : []),
    ...(config.max_repeated_report_failures === undefined
      ? []
      : [note(["max_repeated_report_failures"], "failed writes are retried, and remove no entry")]),
  ];
  const ofServices = Object.entries(config.services ?? {}).flatMap(([name, service]) =>
    ineffective(service).map(([key, why]) => note(["services", name, key], why)),
  );
  return [...top, ...ofServices];
}

function ineffective(service: NerveService): readonly (readonly [key: string, why: string])[] {
  const { rate_limiting: limit, load_test_concurrency: copies, reporter_type: type } = service;
  const notes: (readonly [string, string])[] = [];
  if (limit) {
    const why =
      limit.shadow_mode === false
        ? "changes are reported at once; a higher rise and fall make them rarer"
        : "in shadow mode it changes nothing but Nerve's log";
    notes.push(["rate_limiting", why]);
  }
  if (copies !== undefined)
    notes.push(["load_test_concurrency", "it is for load tests of Nerve itself"]);
  if (type === "zookeeper" && service.ttl_seconds !== undefined) {
    const isPersistent = service.node_type?.startsWith("persistent");
    const why = isPersistent
      ? "nodes are not touched; one that is removed is restored at once"
      : "ephemeral nodes end with their session";
    notes.push(["ttl_seconds", why]);
  }
  return notes;
}
