import type { Clock } from "../../lib/base/clock.ts";
import { Fault } from "../../lib/base/fault.ts";
import type { Log } from "../../lib/base/log.ts";
import type { Installed } from "../../lib/install/contract.ts";
import { install } from "../../lib/install/install.ts";
import { cleanLine } from "../../lib/proxy/clean-line.ts";
import type { Applied, Change } from "../../lib/proxy/contract.ts";
import type { Pools } from "../../lib/view/contract.ts";
import type { Texts } from "./ahead.ts";
import type { ApplyTrace } from "./apply-trace.ts";
import type { TemplateGroup } from "./groups.ts";

/** Files that were written, and are used by the proxy. */
export interface Written {
  /** `followed` if the proxy served them already. */
  readonly kind: "applied" | "followed";
  /** The files that were replaced. */
  readonly changed: readonly string[];
  /** Those of them that another program had changed since they were written. */
  readonly foreign: readonly string[];
  /** Undefined if no proxy reads the files, or if it has read them already. */
  readonly applied: Applied | undefined;
}

export interface WriteDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly trace?: ApplyTrace;
}

/** Has the files follow a proxy that is ahead of them. If that fails, the proxy goes back to what the files have. */
export async function follow(
  group: TemplateGroup,
  deps: WriteDeps,
  signal: AbortSignal,
): Promise<Written> {
  const { ahead, verified } = group;
  if (!ahead || !verified) throw new Error("the proxy is not ahead of its files");
  const written = await write(group, verified, ahead.pools, deps, signal);
  group.accepted = ahead.pools;
  // Servers of other pools that something else had changed, or none.
  const isAsBefore = written.applied?.startsWith("adjusted") === true;
  return isAsBefore ? { ...written, kind: "followed", applied: undefined } : written;
}

/** Has the files follow before these texts are applied or put off: the stages until then are those of other texts. */
export async function followBefore(
  group: TemplateGroup,
  texts: Texts,
  pools: Pools,
  deps: WriteDeps,
  signal: AbortSignal,
): Promise<void> {
  await follow(group, deps, signal);
  deps.trace?.rendered(texts, pools);
}

/** Checks and installs the texts, and has the proxy use them all. */
export async function write(
  group: TemplateGroup,
  texts: Texts,
  pools: Pools,
  { clock, log, trace }: WriteDeps,
  signal: AbortSignal,
): Promise<Written> {
  const { proxy, verified, ahead } = group;
  const change = changeOf(verified, texts);
  group.verified = undefined;
  const installed: [target: string, Installed][] = [];
  const installing = { clock, clean: cleanLine, onChecked: () => trace?.reached("checked") };
  try {
    for (const { plan } of group.files) {
      const { target } = plan;
      const text = texts.get(target.path) ?? "";
      installed.push([target.path, await install(target, text, installing, signal)]);
    }
    const changed = installed.flatMap(([target, { changed }]) => (changed ? [target] : []));
    const foreign = installed.flatMap(([target, one]) =>
      one.changed && one.wasForeign ? [target] : [],
    );
    trace?.reached("installed");
    logWritten(changed, pools, trace?.cause, log);
    const applied = await applyTo(group, change, changed.length > 0, signal);
    trace?.reached("verified");
    group.isUnapplied = false;
    group.verified = texts;
    group.ahead = undefined;
    group.isCheckedFirst = false;
    confirmInstalled(group, texts);
    return { kind: "applied", changed, foreign, applied };
  } catch (error) {
    if (signal.aborted) {
      if (ahead) group.verified = verified;
      confirmInstalled(group, texts);
      throw error;
    }
    const isKept = keepsFiles(error, proxy);
    if (isKept) confirmInstalled(group, texts);
    else await rollBack(installed);
    group.ahead = undefined;
    group.isCheckedFirst = true;
    if (!ahead && isUntouched(error, installed)) group.verified = verified;
    if (ahead && !isKept) await goBack(group, verified, ahead.onDisk, trace, signal);
    throw error;
  }
}

/** Has a proxy that is ahead of its files use what they have. */
async function goBack(
  group: TemplateGroup,
  from: Texts | undefined,
  onDisk: Texts,
  trace: ApplyTrace | undefined,
  signal: AbortSignal,
): Promise<void> {
  try {
    const applied = await applyTo(group, changeOf(from, onDisk), true, signal);
    group.verified = onDisk;
    confirmInstalled(group, onDisk);
    trace?.wentBack(applied);
  } catch (error) {
    // It has them at its start, or with the next attempt: what it serves is not known until then.
    if (signal.aborted || !(error instanceof Fault)) throw error;
  }
}

/** Makes the proxy use the files. Undefined if there is none, or if it has read the files, which have not changed. */
async function applyTo(
  group: TemplateGroup,
  change: Change,
  hasChanged: boolean,
  signal: AbortSignal,
): Promise<Applied | undefined> {
  const { proxy, limiter, turn } = group;
  if (!proxy || (proxy.keepsFiles && !hasChanged && !group.isUnapplied)) return undefined;
  await turn?.confirm(signal);
  group.isUnapplied = true;
  const applied = await limiter.run(() => proxy.apply(change, signal, turn?.mayReload));
  turn?.applied(applied);
  return applied;
}

export function changeOf(verified: Texts | undefined, texts: Texts): Change {
  const files = Array.from(texts, ([target, desired]) => ({
    target,
    loaded: verified?.get(target),
    desired,
  }));
  return { files };
}

/** Whether the proxy still serves what it was verified to serve: a check command failed before any file was replaced, or its turn is lost. */
function isUntouched(
  error: unknown,
  installed: readonly (readonly [string, Installed])[],
): boolean {
  if (!(error instanceof Fault)) return false;
  const isFirst = installed.every(([, { changed }]) => !changed);
  return (isFirst && error.code === "INSTALL_CHECK_FAILED") || error.code === "KEYSPACE_TURN_LOST";
}

/** Whether the files stay that could not be applied: the program reads them when it starts. */
function keepsFiles(error: unknown, proxy: TemplateGroup["proxy"]): boolean {
  if (!(error instanceof Fault) || !error.code.startsWith("PROXY_")) return false;
  return error.code === "PROXY_NOT_RUNNING" || proxy?.keepsFiles === true;
}

/** The next text of a file may depend on the one that it has. */
export function confirmInstalled({ files }: TemplateGroup, texts: Texts): void {
  for (const { plan, source } of files) source.installed(texts.get(plan.target.path) ?? "");
}

async function rollBack(installed: readonly (readonly [string, Installed])[]): Promise<void> {
  for (const [, one] of installed.toReversed()) if (one.changed) await one.revert();
}

function logWritten(
  targets: readonly string[],
  { snapshot }: Pools,
  cause: string | undefined,
  log: Log,
): void {
  if (targets.length === 0) return;
  const { revision, size } = snapshot;
  const sentence = `${targets.join(", ")} written from ${size} ${size === 1 ? "key" : "keys"} at revision ${revision}`;
  log.info("file_written", sentence, { targets, revision, keys: size, cause });
}
