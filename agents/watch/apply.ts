import type { Clock } from "../../lib/base/clock.ts";
import { Fault } from "../../lib/base/fault.ts";
import type { Log } from "../../lib/base/log.ts";
import type { TemplatePlan } from "../../lib/config/plan.ts";
import type { Installed } from "../../lib/install/contract.ts";
import { install } from "../../lib/install/install.ts";
import type { Quarantined } from "../../lib/model/pool.ts";
import { cleanLine } from "../../lib/proxy/clean-line.ts";
import type { Applied, Change } from "../../lib/proxy/contract.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { visibleServices } from "../../lib/view/visible.ts";
import type { TemplateGroup } from "./groups.ts";
import { logMissingKeys } from "./missing-keys-log.ts";
import { logQuarantine } from "./quarantine-log.ts";

/** The result of a reconciliation. */
export type Outcome =
  /** The proxy serves these texts already. */
  | { readonly kind: "same" }
  /** It is too soon for another reload: nothing was written. */
  | { readonly kind: "deferred"; readonly waitMs: number }
  | {
      readonly kind: "applied";
      /** The files that were replaced. */
      readonly changed: readonly string[];
      /** Those of them that another program had changed since they were written. */
      readonly foreign: readonly string[];
      /** Undefined if no proxy reads the files, or if it has read them already. */
      readonly applied: Applied | undefined;
    };

export interface ApplyDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly trace?: ApplyTrace;
}

/** Follows a reconciliation through its stages, of which an interrupted one may begin again. */
export interface ApplyTrace {
  rendered(texts: Texts, pools: Pools): void;
  reached(stage: "checked" | "installed" | "verified"): void;
  /** Why the rendered texts are other ones than before, in a few words; undefined if that is unknown. */
  readonly cause: string | undefined;
}

/** The text of each file, by target. */
export type Texts = ReadonlyMap<string, string>;

/**
 * Renders, checks, installs and applies. Either all of it succeeds, or the files are as they were before and the fault
 * has the reason. If the proxy is not running yet, the files are kept: it reads them when it starts.
 */
export async function apply(
  group: TemplateGroup,
  pools: Pools,
  { clock, log, trace }: ApplyDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  const { proxy, limiter, verified } = group;
  const { texts, quarantined, lackingKeys } = await renderAll(group, pools, signal);
  trace?.rendered(texts, pools);
  for (const plan of lackingKeys) logMissingKeys(plan, log);
  logQuarantine(group.unrenderable.update(quarantined), log);
  if (verified && isSame(verified, texts)) return { kind: "same" };
  const change = changeOf(verified, texts);
  const { waitMs } = limiter;
  if (waitMs > 0 && !proxy?.canAdjust?.(change)) return { kind: "deferred", waitMs };

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
    confirmInstalled(group, texts);
    return { kind: "applied", changed, foreign, applied };
  } catch (error) {
    if (signal.aborted || keepsFiles(error, proxy)) confirmInstalled(group, texts);
    else await rollBack(installed);
    if (isUntouched(error, installed)) group.verified = verified;
    throw error;
  }
}

/** Makes the proxy use the files. Undefined if there is none, or if it has read the files, which have not changed. */
async function applyTo(
  group: TemplateGroup,
  change: Change,
  hasChanged: boolean,
  signal: AbortSignal,
): Promise<Applied | undefined> {
  const { proxy, limiter } = group;
  if (!proxy || (proxy.keepsFiles && !hasChanged && !group.isUnapplied)) return undefined;
  group.isUnapplied = true;
  return await limiter.run(() => proxy.apply(change, signal));
}

interface RenderedGroup {
  readonly texts: Texts;
  /** The entries that cannot stand in a file. */
  readonly quarantined: readonly Quarantined[];
  /** The templates that were rendered for the first time, and from no key. */
  readonly lackingKeys: readonly TemplatePlan[];
}

/** The text that each file should have. */
export async function renderAll(
  { files }: TemplateGroup,
  pools: Pools,
  signal: AbortSignal,
): Promise<RenderedGroup> {
  const texts = new Map<string, string>();
  const quarantined: Quarantined[] = [];
  const lackingKeys: TemplatePlan[] = [];
  for (const { plan, source } of files) {
    const services = visibleServices(pools, plan.prefixes);
    const view = { snapshot: pools.snapshot, services };
    const rendered = await source.render(view, signal);
    texts.set(plan.target.path, rendered.text);
    quarantined.push(...rendered.quarantined);
    if (rendered.lacksKeys) lackingKeys.push(plan);
  }
  return { texts, quarantined, lackingKeys };
}

function changeOf(verified: Texts | undefined, texts: Texts): Change {
  const files = Array.from(texts, ([target, desired]) => ({
    target,
    loaded: verified?.get(target),
    desired,
  }));
  return { files };
}

/** Whether a check command failed before any file was replaced: then the proxy still serves what it was verified to serve. */
function isUntouched(
  error: unknown,
  installed: readonly (readonly [string, Installed])[],
): boolean {
  const isFirst = installed.every(([, { changed }]) => !changed);
  return isFirst && error instanceof Fault && error.code === "INSTALL_CHECK_FAILED";
}

/** Whether the files stay that could not be applied: the program reads them when it starts. */
function keepsFiles(error: unknown, proxy: TemplateGroup["proxy"]): boolean {
  if (!(error instanceof Fault) || !error.code.startsWith("PROXY_")) return false;
  return error.code === "PROXY_NOT_RUNNING" || proxy?.keepsFiles === true;
}

function isSame(a: Texts, b: Texts): boolean {
  return [...b].every(([target, text]) => a.get(target) === text);
}

/** The next text of a file may depend on the one that it has. */
function confirmInstalled({ files }: TemplateGroup, texts: Texts): void {
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
