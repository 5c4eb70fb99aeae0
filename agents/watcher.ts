import { basename } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Cell } from "../lib/base/cell.ts";
import type { Clock } from "../lib/base/clock.ts";
import { formatDuration } from "../lib/base/duration.ts";
import { Fault } from "../lib/base/fault.ts";
import { fileChanges } from "../lib/base/file-watch.ts";
import type { Log } from "../lib/base/log.ts";
import { type Backoff, delayMs, persist } from "../lib/base/retry.ts";
import { first, together } from "../lib/base/signal.ts";
import type { TemplatePlan, WatchPlan } from "../lib/config/plan.ts";
import type { KeySource } from "../lib/keyspace/contract.ts";
import { follow } from "../lib/keyspace/follow.ts";
import type { Snapshot } from "../lib/model/snapshot.ts";
import { createProxy } from "../lib/proxy/kinds.ts";
import { Settler } from "../lib/view/settle.ts";
import { FaultLog } from "./fault-log.ts";
import { prefixesOf, type RenderDeps, TemplateFile } from "./template-file.ts";
import { type Serving, type TurnDeps, type Turned, turn } from "./turn.ts";
import { Views } from "./views.ts";

export interface WatcherDeps {
  readonly source: KeySource;
  readonly render: RenderDeps;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** How soon a store that is out of reach is asked again. */
const reconnect: Backoff = { firstMs: 100, maxMs: 5000 };

/** keyspace → snapshot → view → text → file → proxy, for as long as the signal lives. */
export async function watcher(
  plan: WatchPlan,
  deps: WatcherDeps,
  signal: AbortSignal,
): Promise<void> {
  const groups = await openGroups(plan, deps);
  const snapshot = new Cell<Snapshot | undefined>(undefined);
  const views = new Views(plan.services, deps.log);
  await together(
    signal,
    (s) => keepUp(plan, snapshot, deps, s),
    ...groups.map((group) => (s: AbortSignal) => serve(group, plan, snapshot, views, deps, s)),
    ...groups.flatMap(({ files }) =>
      files.map((file) => (s: AbortSignal) => followEdits(file, snapshot, deps, s)),
    ),
  );
}

/** One pass: the state of the keyspace now, rendered, checked, installed and applied. Throws the first fault. */
export async function watchOnce(
  plan: WatchPlan,
  deps: WatcherDeps,
  signal: AbortSignal,
): Promise<void> {
  const groups = await openGroups(plan, deps);
  const snapshot = await snapshotNow(deps.source, prefixesOf(plan.templates), signal);
  const views = new Views(plan.services, deps.log);
  for (const group of groups) {
    const startMs = deps.clock.now();
    const done = await turn(group, views.of(snapshot), turning(snapshot, deps), signal);
    report(group, done, snapshot, deps.clock.now() - startMs, deps.log);
  }
}

/** The state of a store at this moment. Throws a fault when it cannot be had. */
export async function snapshotNow(
  source: KeySource,
  prefixes: readonly string[],
  signal: AbortSignal,
): Promise<Snapshot> {
  const cell = new Cell<Snapshot | undefined>(undefined);
  await first(
    signal,
    (s) => cell.newer(0, s),
    (s) => follow(source, prefixes, cell, () => {}, s),
  );
  if (!cell.value) throw new Error("the watch ended before it began");
  return cell.value;
}

/** Templates that the same proxy reads are changed together, and it is told once. */
async function openGroups(plan: WatchPlan, deps: WatcherDeps): Promise<readonly Serving[]> {
  const groups: { readonly proxy: TemplatePlan["proxy"]; readonly files: TemplateFile[] }[] = [];
  for (const template of plan.templates) {
    const file = await TemplateFile.open(template, deps.render);
    const { proxy } = template;
    const group = proxy && groups.find((known) => isDeepStrictEqual(known.proxy, proxy));
    if (group) group.files.push(file);
    else groups.push({ proxy, files: [file] });
  }
  return groups.map(({ proxy, files }) => ({
    files,
    proxy: proxy && createProxy(proxy, { clock: deps.clock }),
    proved: undefined,
  }));
}

async function keepUp(
  plan: WatchPlan,
  snapshot: Cell<Snapshot | undefined>,
  { source, clock, random, log }: WatcherDeps,
  signal: AbortSignal,
): Promise<void> {
  const faults = new FaultLog("the keyspace", log, clock);
  const meanwhile = () =>
    snapshot.value ? "what was known last stays in force" : "nothing is rendered yet";
  await persist(
    (progress, s) => {
      const connected = () => {
        progress();
        faults.over();
      };
      return follow(source, prefixesOf(plan.templates), snapshot, connected, s);
    },
    reconnect,
    { clock, random, onFault: (fault, waitMs) => faults.fault(fault, waitMs, meanwhile()) },
    signal,
  );
}

/** Turns whenever the keyspace or a template has changed, and again after a fault. */
async function serve(
  group: Serving,
  plan: WatchPlan,
  snapshot: Cell<Snapshot | undefined>,
  views: Views,
  deps: WatcherDeps,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, log } = deps;
  const settler = new Settler(plan.settle, clock);
  const faults = new FaultLog(group.files.map(({ name }) => name).join(", "), log, clock);
  let seen = 0;
  let failures = 0;
  for (;;) {
    const next = (s: AbortSignal) => settler.next(snapshot, seen, s);
    const waitMs = failures > 0 ? delayMs(failures, plan.retry, random) : undefined;
    seen =
      waitMs === undefined
        ? await next(signal)
        : await first(signal, next, (s) => clock.sleep(waitMs, s).then(() => snapshot.version));
    const current = snapshot.value;
    if (!current) continue;
    const startMs = clock.now();
    try {
      const done = await turn(group, views.of(current), turning(current, deps), signal);
      faults.over();
      failures = 0;
      report(group, done, current, clock.now() - startMs, log);
    } catch (error) {
      if (signal.aborted || !(error instanceof Fault)) throw error;
      failures += 1;
      faults.fault(
        error,
        delayMs(failures, plan.retry, () => 1),
        meanwhile(error),
      );
    }
  }
}

function meanwhile(fault: Fault): string {
  // A proxy that is not running says itself what becomes of the file.
  return fault.code === "PROXY_NOT_RUNNING" ? "" : "the file stays as it was";
}

function turning({ revision, size }: Snapshot, { clock, log }: WatcherDeps): TurnDeps {
  const onWritten = (targets: readonly string[]) => {
    const sentence = `${targets.join(", ")} written from ${size} keys at revision ${revision}`;
    log.info("written", sentence, { targets, revision, keys: size });
  };
  return { clock, onWritten };
}

function report(
  { files, proxy }: Serving,
  done: Turned,
  { revision }: Snapshot,
  tookMs: number,
  log: Log,
): void {
  if (done.kind === "same") return;
  const names = files.map(({ name }) => name).join(", ");
  const how = proxy ? `${proxy.title} ${done.applied}` : "no proxy to tell";
  log.info("served", `${names} in force: ${how} (${formatDuration(tookMs)})`, {
    targets: files.map(({ plan }) => plan.target.path),
    changed: done.changed,
    applied: done.applied,
    revision,
    tookMs: Math.round(tookMs),
  });
}

/** Takes up edits of a template. A broken one is said, and the template stays as it was until it is mended. */
async function followEdits(
  file: TemplateFile,
  snapshot: Cell<Snapshot | undefined>,
  { log }: WatcherDeps,
  signal: AbortSignal,
): Promise<void> {
  let broken = "";
  for await (const _ of fileChanges(file.watched, { ignored: isPassing }, signal)) {
    try {
      if (!(await file.reload())) continue;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (error.message === broken) continue;
      broken = error.message;
      const { code } = error;
      log.error("template_broken", `${error.message}; the template stays as it was`, { code });
      continue;
    }
    broken = "";
    log.info("template_read", `${file.plan.source} was edited and read again`);
    // The same keys again: what is made of them has changed.
    snapshot.set(snapshot.value);
  }
}

/** What editors put beside a file for a moment. */
function isPassing(path: string): boolean {
  return /^\.|~$|^4913$/.test(basename(path));
}
