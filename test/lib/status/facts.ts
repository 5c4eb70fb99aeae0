import type { StatusReport } from "../../../lib/status/contract.ts";
import type { Facts, LoopFacts, TemplateFacts, WatchFacts } from "../../../lib/status/facts.ts";
import { report } from "../../../lib/status/report.ts";
import type { Answers } from "../../../lib/status/routes.ts";

/** The time of all reports in these tests. */
export const moment = { nowMs: 100_000, date: new Date("2026-11-21T10:00:00.000Z") };

/** The date of a time on the clock of the facts. */
export function at(ms: number): string {
  return new Date(moment.date.getTime() - (moment.nowMs - ms)).toISOString();
}

/** A loop that came round a second ago, and works since the start. */
export function loop(name: string, more: Partial<LoopFacts> = {}): LoopFacts {
  const works = { state: "ok", sinceMs: 40_000, lastMs: 99_000 } as const;
  return { name, ...works, dueMs: undefined, fault: undefined, ...more };
}

export const fault = { code: "KEYSPACE_UNREACHABLE", message: "no store answered" };

export const failing = { state: "failing", sinceMs: 88_000, fault } as const;

const following = loop("following");
const writing = loop("haproxy.cfg");

const unobserved = { state: "unknown", sinceMs: 40_000, why: "" } as const;

/** A file that its loop has verified. */
const written = {
  ...{ target: "/etc/haproxy/haproxy.cfg", revision: "17", loop: writing },
  ...{ observed: unobserved, unusable: undefined },
};

/** A healthy agent that started a minute ago. */
export const well: Facts = {
  version: "1.2.3",
  pid: 4711,
  configuration: ["/etc/sidekick.yaml"],
  startedMs: 40_000,
  isShuttingDown: false,
  keyspace: { url: "etcd://127.0.0.1:2379", loops: [following] },
  loops: [following, writing],
  presence: {
    instances: [
      {
        ...{ name: "web/10.0.0.1:80", verdict: "up", sinceMs: 70_000, why: "" },
        ...{ registered: true, wasRegistered: true, draining: false },
      },
    ],
    quarantined: [],
    isComplete: true,
  },
  watch: {
    templates: [written],
    quarantined: [],
    retained: [],
    cachedSnapshot: undefined,
  },
};

/** Its report, where some of it is not so. */
export function reportOf(more: Partial<Facts> = {}): StatusReport {
  return report({ ...well, ...more }, moment);
}

/** The sources of answers that always report this. */
export function answersOf(report: StatusReport): Answers {
  return { report: () => report, health: () => report };
}

/** The report of one with an instance that is not up and announced. */
export function withInstance(
  more: Partial<NonNullable<Facts["presence"]>["instances"][number]>,
): StatusReport {
  const [instance] = well.presence?.instances ?? [];
  if (!instance) throw new Error("there is one");
  return reportOf({
    presence: { instances: [{ ...instance, ...more }], quarantined: [], isComplete: true },
  });
}

/** The report of one whose file is in this state. */
export function withTemplate(
  more: Partial<LoopFacts>,
  revision?: string,
  facts: Partial<TemplateFacts> = {},
): StatusReport {
  const loops = [following, loop("haproxy.cfg", more)] as const;
  const templates = [{ ...written, revision, loop: loops[1], ...facts }];
  return reportOf({ loops, ...watching({ templates }) });
}

/** The report of one whose watcher has other things to say. */
export function withWatch(more: Partial<WatchFacts>): StatusReport {
  return reportOf(watching({ templates: [], ...more }));
}

function watching(more: Partial<WatchFacts>): Pick<Facts, "watch"> {
  return {
    watch: { templates: [], quarantined: [], retained: [], cachedSnapshot: undefined, ...more },
  };
}

/** The report of one that cannot reach the keyspace. */
export function outOfReach(): StatusReport {
  const following = loop("following", failing);
  return reportOf({
    keyspace: { url: "etcd://127.0.0.1:2379", loops: [following] },
    loops: [following, loop("announcing", failing), writing],
  });
}
