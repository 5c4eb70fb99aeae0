import type { Plan } from "../../lib/config/plan.ts";

/** What happens to a setting that a reload of the configuration has changed. */
export interface ReloadedSetting {
  /** Its name in the configuration. */
  readonly setting: string;
  readonly of: (plan: Plan) => unknown;
  /** The setting is meant only where another one is there, before and after. */
  readonly with?: string;
  /** A clause, for docs/reload.md. */
  readonly effect: string;
  /** The configuration is refused: only another process can use it. */
  readonly needsRestart?: true;
}

/** Every setting, as far as it matters. The sections and the lists of services and templates are compared in `differences.ts`. */
export const settings: readonly ReloadedSetting[] = [
  {
    setting: "log",
    of: ({ log }) => log,
    effect: "applies to the next line of the log",
  },
  {
    setting: "keyspace",
    of: ({ keyspace }) => keyspace,
    effect:
      "entries are registered in the new keyspace, and then removed from the former one, which is kept while the new one is unreachable; files stay as they are until the new one was read",
  },
  {
    setting: "mounts",
    of: ({ mounts }) => mounts ?? {},
    effect:
      "as `keyspace`, for each folder; the entries of a service that is in another folder from now on are removed there at once",
  },
  {
    setting: "keyspace",
    with: "watch.together",
    of: ({ watch, keyspace }) => watch?.together && keyspace,
    effect: "the configuration is refused",
    needsRestart: true,
  },
  {
    setting: "keyspace, mounts",
    with: "exec.env",
    of: ({ exec, keyspace, mounts = {} }) =>
      Object.keys(exec?.env ?? {}).length > 0 ? [keyspace, mounts] : undefined,
    effect: "the configuration is refused",
    needsRestart: true,
  },
  {
    setting: "presence.ttl",
    of: ({ presence }) => presence?.ttlMs,
    effect: "a new session takes the entries over, and the former one is closed; no key is absent",
  },
  {
    setting: "presence.prefix",
    of: ({ presence }) => presence?.prefix,
    effect: "entries are put in the new folder, and then removed from the former one",
  },
  {
    setting: "presence.format",
    of: ({ presence }) => presence?.format,
    effect: "each entry gets its new value, in place",
  },
  {
    setting: "presence.name",
    of: ({ presence }) => presence?.name,
    effect: "each entry gets its new value, in place; containers are listed again",
  },
  {
    setting: "presence.sign",
    of: ({ presence }) => presence?.sign,
    effect: "each entry gets its new value, in place; a key file that cannot be used is refused",
  },
  {
    setting: "presence.stamp",
    of: ({ presence }) => presence?.stamp ?? false,
    effect: "applies to the next change of each entry",
  },
  {
    setting: "presence.drainDelay",
    of: ({ presence }) => presence?.drainDelayMs,
    effect: "applies to the next drain",
  },
  {
    setting: "presence.shutdownTimeout",
    of: ({ presence }) => presence?.shutdownTimeoutMs,
    effect: "applies to the shutdown",
  },
  {
    setting: "presence.maxProbes",
    of: ({ presence }) => presence?.maxProbes,
    effect: "applies to the next probe",
  },
  {
    setting: "presence.tripwire",
    of: ({ presence }) => presence?.tripwire,
    effect:
      "the configuration is refused; `tripwire` of a check changes that check, which keeps its verdict",
    needsRestart: true,
  },
  {
    setting: "presence.heed",
    of: ({ presence }) => presence?.heed,
    effect: "the configuration is refused",
    needsRestart: true,
  },
  {
    setting: "presence.heartbeat",
    of: ({ presence }) => presence?.heartbeat,
    effect: "the new file is touched at once, and the former one no longer",
  },
  {
    setting: "presence.waitServed",
    of: ({ presence }) => presence?.waitServed ?? false,
    effect: "applies to the next start",
  },
  {
    setting: "presence.docker",
    of: ({ presence }) => presence?.docker,
    effect:
      "containers are listed again; the known ones stay registered until then, and unchanged ones after it",
  },
  {
    setting: "presence.destinations",
    of: ({ presence }) => presence?.destinations,
    effect: "the configuration is refused",
    needsRestart: true,
  },
  {
    setting: "watch.services",
    of: ({ watch }) => watch?.services,
    effect: "services are made of the new folder; none is retained",
  },
  {
    setting: "watch.sources",
    of: ({ watch }) => watch?.sources ?? {},
    effect: "services are made of the new sources; none is retained",
  },
  {
    setting: "watch.limits",
    of: ({ watch }) => watch?.limits,
    effect: "services are made anew; none is retained",
  },
  {
    setting: "watch.trust",
    of: ({ watch }) => watch?.trust,
    effect: "all entries are judged again at once",
  },
  {
    setting: "watch.policies",
    of: ({ watch }) => watch?.policies,
    effect:
      "files that get other weights or servers by it are written; instances that are new stay new, and no other one becomes new",
  },
  {
    setting: "watch.observe",
    of: ({ watch }) => watch?.observeMs,
    effect: "applies at once: proxies are judged by their counters from then on",
  },
  {
    setting: "watch.together",
    of: ({ watch }) => watch?.together,
    effect: "the configuration is refused",
    needsRestart: true,
  },
  {
    setting: "watch.guard",
    of: ({ watch }) => watch?.guard,
    effect: "applies to the next change; retained instances stay",
  },
  {
    setting: "watch.settle, watch.retry, watch.refresh, watch.resolve",
    of: ({ watch }) =>
      watch && [watch.settle, watch.promptSettle, watch.retry, watch.refreshMs, watch.resolve],
    effect:
      "every file is rendered and verified again, as after a restart: one with the same text is not written, and its proxy is not reloaded",
  },
  {
    setting: "watch.acknowledge",
    of: ({ watch }) => watch?.acknowledge,
    effect: "the entry of the watcher is written or removed",
  },
  {
    setting: "watch.drift",
    of: ({ watch }) => watch?.drift,
    effect: "applies at once",
  },
  {
    setting: "watch.snapshotCache",
    of: ({ watch }) => watch?.snapshotCache,
    effect: "the configuration is refused",
    needsRestart: true,
  },
  {
    setting: "exec",
    of: ({ exec }) => exec,
    effect: "the configuration is refused, also where the section appears or disappears",
    needsRestart: true,
  },
  {
    setting: "status.socket",
    of: ({ status }) => status?.socket,
    effect: "the former socket is closed, and the new one opened",
  },
  {
    setting: "status.listen, status.hosts, status.page",
    of: ({ status }) => [status?.listen, status?.hosts, status?.page],
    effect: "the former address is closed, and the new one opened; requests under way are cut off",
  },
];
