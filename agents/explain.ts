import type { Clock } from "../lib/base/clock.ts";
import { dateOf } from "../lib/base/dates.ts";
import { Fault, sentence } from "../lib/base/fault.ts";
import { withTimeout } from "../lib/base/timeout.ts";
import type { Explain } from "../lib/control/contract.ts";
import { BelievedWatchers } from "../lib/keyspace/acks/believed.ts";
import type { Mounts } from "../lib/keyspace/mounts/mounts.ts";
import { readWithSuspects } from "../lib/keyspace/suspects/read.ts";
import type { Entry } from "../lib/model/entry.ts";
import type { WatcherSuspects } from "../lib/model/suspects-entry.ts";
import { type Watcher, watchersFolder } from "../lib/model/watcher-entry.ts";
import type { ExplainedEntry, Explanation, LineExplanation } from "../lib/overview/explanation.ts";
import type { StatusReport, TemplateStatus } from "../lib/status/contract.ts";
import { verdictOn } from "./explain-verdict.ts";
import { explainWatchers } from "./explain-watchers.ts";
import { faults } from "./faults.ts";
import type { Presence } from "./presence/contract.ts";
import type { Watch } from "./watch/contract.ts";
import { WatchExplainer, type WatchedInstance } from "./watch/explain/explainer.ts";

/** How long the keyspace may take to answer, in milliseconds. */
const limitMs = 1000;

export interface Explained {
  readonly presence: Presence | undefined;
  readonly watch: Watch | undefined;
  readonly report: () => StatusReport;
}

export interface ExplainDeps {
  readonly mounts: Mounts;
  readonly clock: Clock;
}

/** Explains why instances get traffic or not, and what lines of files depend on. */
export function createExplain({ presence, watch, report }: Explained, deps: ExplainDeps): Explain {
  const explainer = watch && new WatchExplainer(watch.parts);
  /** The entry in question, and what the watcher knows of it; `own` is the name of an instance of this process. */
  const locate = (asked: string, own: string | undefined) => {
    const path = own === undefined ? undefined : presence?.pathOf(own);
    const found = explainer?.find(path ?? asked);
    const subjects = found?.subjects ?? [];
    return { found, subjects, key: path ?? subjects[0]?.key ?? asked };
  };
  const instance = async (asked: string, signal: AbortSignal): Promise<Explanation> => {
    const status = report();
    const moment = { nowMs: deps.clock.now(), date: new Date(status.at) };
    const date = (ms: number) => dateOf(ms, moment);
    const instances = status.presence?.instances ?? [];
    const own = instances.find(({ name }) => name === asked || presence?.pathOf(name) === asked);
    const { found, subjects, key } = locate(asked, own?.name);
    const views = explainer?.views(subjects, date) ?? [];
    const read = await readNow(key, deps, signal);
    const entry = read.unread === undefined ? read.entry : found?.entry;
    const used = (await explainer?.files(subjects, views, signal)) ?? [];
    const files = used.map(({ target, sinceMs, ...file }) => {
      const since = sinceMs !== undefined && { since: date(sinceMs) };
      return { status: statusOf(target, status), ...file, ...since };
    });
    const isDraining = own?.draining === true || views.some(({ state }) => state === "draining");
    const { suspects = [] } = read;
    const seen = { isDraining, ownId: watch?.id, suspects };
    const watchers = entry ? explainWatchers(read.watchers ?? [], storedAs(entry, deps), seen) : [];
    const facts = {
      name: own?.name ?? asked,
      at: status.at,
      entry: entryOf(key, entry, found),
      ...(own && { presence: own }),
      ...{ views, files },
      watchers,
      ...(read.unread !== undefined && { unread: read.unread }),
    };
    const verdict = verdictOn(facts, watch !== undefined);
    const similar = verdict.verdict === "unknown" ? (found?.similar ?? []) : [];
    return { ...verdict, ...facts, similar };
  };
  const line = async (target: string, number: number, s: AbortSignal): Promise<LineExplanation> => {
    if (!explainer) throw faults.AGENT_FILE_UNKNOWN({ path: target, targets: [] });
    const explained = await explainer.line(target, number, s);
    return { ...explained, status: statusOf(explained.target, report()) };
  };
  return { instance, line };
}

function entryOf(
  key: string,
  entry: Entry | undefined,
  found: WatchedInstance | undefined,
): ExplainedEntry {
  const keys = new Set(found?.subjects.map((one) => one.key));
  const others = [...keys].filter((one) => one !== key);
  if (!entry) return { key, isThere: false, others };
  const { revision, owner } = entry;
  // The watcher may not have seen the latest revision yet.
  const since = found?.entry?.revision === revision ? found.since : undefined;
  const dated = since !== undefined && { since };
  return { key, isThere: true, revision, ...(owner !== undefined && { owner }), ...dated, others };
}

/** The status of a file. It is absent where a report is cut, as long ones are. */
function statusOf(target: string, { at, watch }: StatusReport): TemplateStatus {
  const found = watch?.templates.find((one) => one.target === target);
  return found ?? { target, state: "unknown", since: at, why: "" };
}

/** The entry with the key that it has in its own keyspace. */
function storedAs({ key, revision }: Entry, { mounts }: Pick<ExplainDeps, "mounts">) {
  return { key: mounts.locate(key).key, revision };
}

interface ReadNow {
  /** At its path. */
  readonly entry?: Entry;
  readonly watchers?: readonly Watcher[];
  /** What the watchers report of instances. */
  readonly suspects?: readonly WatcherSuspects[];
  /** Why the keyspace did not answer. */
  readonly unread?: string;
}

/** The entry of a path and the watchers of its keyspace, as they are now. */
async function readNow(
  path: string,
  { mounts, clock }: ExplainDeps,
  signal: AbortSignal,
): Promise<ReadNow> {
  if (!path.startsWith("/")) return {};
  const { mount, key } = mounts.locate(path);
  const reading = (s: AbortSignal) => readWithSuspects(mount.keyspace, [watchersFolder, key], s);
  const late = () => undefined;
  try {
    const read = await withTimeout(limitMs, reading, late, clock, signal);
    if (!read) return { unread: "the keyspace did not answer within a second" };
    const { snapshot, suspects } = read;
    const entry = snapshot.get(key);
    const { watchers } = new BelievedWatchers(0).update(snapshot, clock.now());
    return { watchers, suspects, ...(entry && { entry: { ...entry, key: path } }) };
  } catch (error) {
    if (signal.aborted || !(error instanceof Fault)) throw error;
    return { unread: `the keyspace cannot be read now: ${sentence(error)}` };
  }
}
