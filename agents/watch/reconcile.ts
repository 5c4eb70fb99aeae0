import { isDeepStrictEqual } from "node:util";
import type { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { formatDuration } from "../../lib/base/duration.ts";
import { Fault } from "../../lib/base/fault.ts";
import { FaultReports } from "../../lib/base/fault-reporter.ts";
import type { Log } from "../../lib/base/log.ts";
import { delayMs } from "../../lib/base/retry.ts";
import { race } from "../../lib/base/signal.ts";
import type { TemplatePlan, WatchPlan } from "../../lib/config/plan.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { createProxy } from "../../lib/proxy/kinds.ts";
import { ReloadLimiter } from "../../lib/proxy/reload-limiter.ts";
import { type RenderDeps, TemplateFile } from "../../lib/render/template-file.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { Quarantine } from "../../lib/view/quarantine.ts";
import { Settler } from "../../lib/view/settle.ts";
import type { Views } from "../../lib/view/views.ts";
import { type AgentStatus, withLiveness } from "../status.ts";
import type { ApplyDeps, Outcome, TemplateGroup } from "./apply.ts";
import { applyIsolatingBadEntries } from "./isolate.ts";

export interface ReconcileDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly status: AgentStatus;
  /** Told of what a group's files are made from, once it is proved to be in force. */
  readonly onServed?: (group: TemplateGroup, pools: Pools) => void;
}

/**
 * Reads the templates. Those whose target the same proxy reads are changed together, and it is told once.
 * Throws the RENDER_ fault of the first template that cannot be used.
 */
export async function openGroups(
  { templates, retry }: WatchPlan,
  { clock, random, ...deps }: RenderDeps & Pick<ReconcileDeps, "clock" | "random">,
): Promise<readonly TemplateGroup[]> {
  const groups: { readonly proxy: TemplatePlan["proxy"]; readonly files: TemplateFile[] }[] = [];
  for (const template of templates) {
    const file = await TemplateFile.open(template, deps);
    const { proxy } = template;
    const group = proxy && groups.find((known) => isDeepStrictEqual(known.proxy, proxy));
    if (group) group.files.push(file);
    else groups.push({ proxy, files: [file] });
  }
  return groups.map(({ proxy, files }) => ({
    files,
    proxy: proxy && createProxy(proxy, { clock }),
    limiter: new ReloadLimiter(proxy?.minInterval ?? 0, clock),
    quarantine: new Quarantine(retry, clock, random),
    verified: undefined,
  }));
}

/** Turns whenever the keyspace or a template has changed, and again after a fault. */
export async function reconcile(
  group: TemplateGroup,
  { settle, retry }: WatchPlan,
  snapshot: Cell<Snapshot | undefined>,
  views: Views,
  deps: ReconcileDeps,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, log, status } = deps;
  const settler = new Settler(settle, clock);
  const names = group.files.map(({ name }) => name).join(", ");
  const plans = group.files.map(({ plan }) => plan);
  const files = status.files(names, plans);
  const faults = withLiveness(new FaultReports(names, log, clock).reporter(), files.loop);
  const pause = (ms: number) => async (s: AbortSignal) => {
    await clock.sleep(ms, s);
    return snapshot.version;
  };
  let seen = 0;
  let failures = 0;
  /** When to turn again though nothing has changed, in milliseconds; undefined where there is no need to. */
  let againMs: number | undefined;
  for (;;) {
    const change = (s: AbortSignal) => settler.next(snapshot, seen, s);
    seen = await (againMs === undefined ? change(signal) : race(signal, change, pause(againMs)));
    const current = snapshot.value;
    if (!current) continue;
    const startMs = clock.now();
    files.begins();
    try {
      const pools = views.of(current);
      const done = await applyIsolatingBadEntries(group, pools, applyDeps(current, deps), signal);
      if (done.kind === "deferred") {
        files.waits(done.waitMs);
        againMs = await waitOutMinInterval(group, done.waitMs, clock, signal);
        continue;
      }
      files.served(current.revision);
      deps.onServed?.(group, pools);
      faults.resolved();
      failures = 0;
      againMs = group.quarantine.retryInMs;
      report(group, done, current, clock.now() - startMs, log);
    } catch (error) {
      if (signal.aborted || !(error instanceof Fault)) throw error;
      failures += 1;
      againMs = delayMs(failures, retry, random);
      faults.report(error, againMs, consequence(error));
    }
  }
}

/**
 * Waits before a turn that was put off, unless the next change may do without a reload; returns how much is left
 * to wait. What a proxy always reloads for would only be rendered in vain meanwhile.
 */
async function waitOutMinInterval(
  { proxy }: TemplateGroup,
  waitMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  if (proxy?.canAdjust) return waitMs;
  await clock.sleep(waitMs, signal);
  return 0;
}

/** What is so until it is mended, where the fault does not say it. */
function consequence({ code }: Fault): string {
  if (code.startsWith("RENDER_")) return "the file stays as it was";
  const saysSo = code.startsWith("INSTALL_") || code === "PROXY_NOT_RUNNING";
  return saysSo ? "" : "the file was put back";
}

/** A turn that says in the log what was written. */
export function applyDeps(
  { revision, size }: Snapshot,
  { clock, log }: ReconcileDeps,
): ApplyDeps & { readonly log: Log } {
  const onWritten = (targets: readonly string[]) => {
    const sentence = `${targets.join(", ")} written from ${size} keys at revision ${revision}`;
    log.info("file_written", sentence, { targets, revision, keys: size });
  };
  return { clock, log, onWritten };
}

/** Says in the log what is in force now, if anything changed. */
export function report(
  { files, proxy }: TemplateGroup,
  done: Outcome,
  { revision }: Snapshot,
  tookMs: number,
  log: Log,
): void {
  if (done.kind !== "served") return;
  const names = files.map(({ name }) => name).join(", ");
  const how = proxy ? `${proxy.title} ${done.applied}` : "no proxy to tell";
  log.info("applied", `${names} in force: ${how} (${formatDuration(tookMs)})`, {
    targets: files.map(({ plan }) => plan.target.path),
    changed: done.changed,
    applied: done.applied,
    revision,
    tookMs: Math.round(tookMs),
  });
}
