import type { Family, Sample } from "../../lib/metrics/contract.ts";
import type { KeyspaceStatus, StatusReport, TemplateStatus } from "../../lib/status/contract.ts";
import { reasonKinds } from "../../lib/status/reasons.ts";

/** The metrics of the state that `sidekick status` shows. */
export function stateFamilies(report: StatusReport, nodeVersion: string): readonly Family[] {
  const { version, keyspace, mounts = [], presence, watch } = report;
  const keyspaces = [{ folder: "/", ...keyspace }, ...mounts];
  return [
    gauge("sidekick_build_info", "The version of sidekick and of Node.js; always 1", [
      { labels: { version, node: nodeVersion }, value: 1 },
    ]),
    single(
      "sidekick_healthy",
      "Whether the process works; where it is 0, a restart helps",
      report.healthy,
    ),
    single(
      "sidekick_ready",
      "Whether what is healthy is registered, and every proxy serves a verified file",
      report.ready,
    ),
    gauge(
      "sidekick_reasons",
      "Reasons why the agent is degraded, by kind, as sidekick status shows them",
      reasonSamples(report),
    ),
    gauge(
      "sidekick_keyspace_up",
      "Whether the keyspace that is mounted at a folder is reachable",
      keyspaces.filter(isKnown).map(({ folder, reachable }) => ({
        labels: { folder },
        value: Number(reachable),
      })),
    ),
    gauge(
      "sidekick_keyspace_up_since_timestamp_seconds",
      "Since when sidekick_keyspace_up has not changed, in seconds since 1970",
      keyspaces.filter(isKnown).map(({ folder, since = "" }) => ({
        labels: { folder },
        value: seconds(since),
      })),
    ),
    ...(presence
      ? [
          single(
            "sidekick_registered_instances",
            "Instances of this agent that are registered",
            presence.instances.reduce((sum, { registered }) => sum + Number(registered), 0),
          ),
          single(
            "sidekick_suspected_instances",
            "Instances of this agent that proxies of any watchers fail to use while they use others",
            presence.instances.reduce((sum, { proxies }) => sum + Number(proxies !== undefined), 0),
          ),
          ...destinationFamilies(presence),
        ]
      : []),
    ...(watch ? watchFamilies(watch) : []),
  ];
}

const destinationStates = [
  ...(["unknown", "absent", "registering", "serving", "failing", "draining"] as const),
];

function destinationFamilies({
  destinations,
  instances,
}: NonNullable<StatusReport["presence"]>): readonly Family[] {
  if (!destinations) return [];
  const places = Map.groupBy(
    instances.flatMap((one) => one.destinations ?? []),
    ({ name, state }) => `${name} ${state}`,
  );
  return [
    gauge(
      "sidekick_destination_up",
      "Whether the last requests to a destination succeeded",
      destinations
        .filter(({ state }) => state !== "unknown")
        .map(({ name, state }) => ({
          labels: { destination: name },
          value: Number(state === "ok"),
        })),
    ),
    gauge(
      "sidekick_destination_instances",
      "Instances of this agent by their state in a destination",
      destinations.flatMap(({ name }) =>
        destinationStates.map((state) => ({
          labels: { destination: name, state },
          value: places.get(`${name} ${state}`)?.length ?? 0,
        })),
      ),
    ),
  ];
}

function watchFamilies({
  templates,
  quarantined,
  retained,
  cachedSnapshot,
  suspects,
}: NonNullable<StatusReport["watch"]>): readonly Family[] {
  const ofTargets = (value: (template: TemplateStatus) => number) =>
    templates.map((template) => ({ labels: { target: template.target }, value: value(template) }));
  return [
    gauge(
      "sidekick_target_in_sync",
      "Whether a file and its proxy were verified to be what the keyspace requires",
      ofTargets(({ state }) => Number(state === "in sync")),
    ),
    gauge(
      "sidekick_target_pinned",
      "Whether a file is pinned to the texts of an earlier generation",
      ofTargets(({ pinned }) => Number(pinned !== undefined)),
    ),
    gauge(
      "sidekick_target_waits_for_turn",
      "Whether a reload for a file waits until it is the turn of this watcher",
      ofTargets(({ turn }) => Number(turn?.state === "waiting")),
    ),
    gauge(
      "sidekick_target_since_timestamp_seconds",
      "Since when the state of a file has not changed, in seconds since 1970",
      ofTargets(({ since }) => seconds(since)),
    ),
    single(
      "sidekick_quarantined",
      "Entries that the files lack, or a part of them, since they are invalid",
      quarantined.reduce((sum, { count = 1 }) => sum + count, 0),
    ),
    single(
      "sidekick_retained_instances",
      "Lost instances that the mass-loss guard retains",
      retained.reduce((sum, one) => sum + one.retained, 0),
    ),
    single(
      "sidekick_suspects",
      "Instances that the proxies of this watcher fail to use while they use others",
      suspects?.count ?? 0,
    ),
    single(
      "sidekick_cached_snapshot",
      "Whether the files are made from a saved snapshot, as the keyspace was not reached since the start",
      cachedSnapshot !== undefined,
    ),
  ];
}

/** Each kind has a sample, so that an alert sees the 0. */
function reasonSamples({ reasons }: StatusReport): readonly Sample[] {
  return reasonKinds.map((kind) => ({
    labels: { kind },
    value: reasons
      .filter((reason) => reason.kind === kind)
      .reduce((sum, { count = 1 }) => sum + count, 0),
  }));
}

function isKnown(keyspace: KeyspaceStatus): boolean {
  return keyspace.reachable !== undefined;
}

function seconds(date: string): number {
  return Date.parse(date) / 1000;
}

function single(name: string, help: string, value: number | boolean): Family {
  return gauge(name, help, [{ value: Number(value) }]);
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: "gauge", samples };
}
