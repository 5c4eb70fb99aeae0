import { basename } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import type { Finished } from "../../lib/base/exec.ts";
import { Fault } from "../../lib/base/fault.ts";
import type { TemplatePlan, WatchPlan } from "../../lib/config/plan.ts";
import type { Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import { outermost, ownFolders } from "../../lib/model/entry.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import type { Proxy, ProxyDeps } from "../../lib/proxy/contract.ts";
import { createProxy } from "../../lib/proxy/kinds.ts";
import { ReloadLimiter } from "../../lib/proxy/reload-limiter.ts";
import { SharedRuns } from "../../lib/proxy/shared-runs.ts";
import { openTextSource } from "../../lib/render/open-text-source.ts";
import { PartialFolders } from "../../lib/render/partial-folders.ts";
import type { RenderDeps } from "../../lib/render/template-file.ts";
import type { TextSource } from "../../lib/render/text-source.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { Quarantine } from "../../lib/view/quarantine.ts";
import { Unrenderable } from "../../lib/view/unrenderable.ts";
import type { Ahead, Texts } from "./ahead.ts";
import { GroupPin } from "./pin/group-pin.ts";
import type { Search } from "./search.ts";
import type { GroupTurn } from "./turns/group-turn.ts";

/** A file, and the source of its text. */
export interface GroupFile {
  readonly plan: TemplatePlan;
  readonly source: TextSource;
}

/** Files that one proxy reads: they change together, and the proxy is reloaded once. */
export interface TemplateGroup {
  /** The names of the templates, for log lines and status. */
  readonly title: string;
  readonly files: readonly GroupFile[];
  /** The folders of the keyspace that the files depend on, none of them within another. */
  readonly prefixes: readonly string[];
  /** Those of which no entry may be missing: all but the ones that only have instances of a source. */
  readonly required: readonly string[];
  /** Counts the edits of the templates that were read. */
  readonly edits: Cell<number>;
  /** Counts the requests to apply again, whatever was verified. */
  readonly retries: Cell<number>;
  readonly proxy: Proxy | undefined;
  /** Whether host names are resolved first: a program that reads the files would have to resolve them, one after the other. */
  readonly resolvesNames: boolean;
  /** Limits the rate of reloads. */
  readonly limiter: ReloadLimiter;
  /** The entries without which the files were accepted. */
  readonly quarantine: Quarantine;
  /** The entries without which the files were rendered. */
  readonly unrenderable: Unrenderable;
  /** The texts that stay, whatever the keyspace has. */
  readonly pin: GroupPin;
  /** Its turn to reload; undefined if it need not wait for other watchers. */
  turn?: GroupTurn | undefined;
  /**
   * The texts that the proxy was verified to serve, by target. Undefined while that is unknown: at the start, during a
   * change, and after one that failed. Then the next reconciliation applies, whatever is on the disk.
   */
  verified: Texts | undefined;
  /** The proxy serves the verified texts, and the files do not have them yet; undefined if they do. */
  ahead?: Ahead | undefined;
  /** Whether files are validated before the proxy is changed: since a text was refused, and until one is accepted. */
  isCheckedFirst?: boolean;
  /** Whether the files may not have been applied although they are there: the last attempt failed, or another one is asked for. */
  isUnapplied?: boolean;
  /** The services, without quarantined instances, that were accepted last; undefined if that is unknown. */
  accepted?: Pools | undefined;
  /** The search for bad entries, if it was interrupted. */
  search?: Search | undefined;
  /** The keys among which a search found no bad entry, and until when they are not searched again. */
  inVain?: { readonly snapshot: Snapshot; readonly untilMs: number } | undefined;
}

export interface GroupDeps extends RenderDeps, Pick<ProxyDeps, "commands" | "program"> {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/**
 * Reads the templates, and groups them by the proxy that reads their targets. Throws the RENDER_ fault of the first
 * template that cannot be used.
 */
export async function openGroups(
  { templates, retry, resolve, settle }: WatchPlan,
  {
    clock,
    random,
    commands = new SharedRuns(),
    partials = new PartialFolders(),
    program,
    ...deps
  }: GroupDeps,
): Promise<readonly TemplateGroup[]> {
  const groups: { readonly proxy: TemplatePlan["proxy"]; readonly files: readonly GroupFile[] }[] =
    [];
  for (const plans of byProxy(templates)) {
    const files: GroupFile[] = [];
    for (const plan of plans) {
      files.push({ plan, source: await openTextSource(plan, { ...deps, partials, clock }) });
    }
    groups.push({ proxy: plans[0]?.proxy, files });
  }
  return groups.map(({ proxy, files }) => ({
    title: files.map(({ source }) => source.name).join(", "),
    files,
    prefixes: outermost(
      files.flatMap(({ plan }) => plan.prefixes),
      hiddenFrom(files),
    ),
    required: outermost(
      files.flatMap(({ plan }) => requiredBy(plan)),
      hiddenFrom(files),
    ),
    edits: new Cell(0),
    retries: new Cell(0),
    proxy: proxy && createProxy(proxy, { clock, commands, program }),
    resolvesNames: files.some(({ plan }) => needsAddresses({ resolve }, plan)),
    limiter: new ReloadLimiter(proxy?.minInterval ?? 0, clock, settle),
    quarantine: new Quarantine(retry, clock, random),
    unrenderable: new Unrenderable(retry, clock, random),
    pin: new GroupPin(),
    verified: undefined,
  }));
}

/** The folders that a prefix above them does not show. */
function hiddenFrom(files: readonly GroupFile[]): readonly string[] {
  return files.flatMap(({ plan: { hidden = ownFolders() } }) => hidden);
}

function requiredBy({ prefixes, sourceFolders = [] }: TemplatePlan): readonly string[] {
  return prefixes.filter((one) => !sourceFolders.includes(one));
}

/** Whether a program would have to resolve the host names in a file, or a generator writes addresses in their place. */
export function needsAddresses(
  { resolve }: Pick<WatchPlan, "resolve">,
  { proxy, target, generator }: TemplatePlan,
): boolean {
  return resolve && (proxy ?? target.check ?? generator) !== undefined;
}

/** Reads the templates as `openGroups` does. Returns the ones that cannot be used, with all files of the same proxy, as failed. */
export async function openEachGroup(
  plan: WatchPlan,
  deps: GroupDeps,
): Promise<{
  readonly groups: readonly TemplateGroup[];
  readonly failed: { readonly title: string; readonly fault: Fault }[];
}> {
  const shared = { commands: new SharedRuns<Finished>(), partials: new PartialFolders() };
  const groups: TemplateGroup[] = [];
  const failed: { readonly title: string; readonly fault: Fault }[] = [];
  for (const templates of byProxy(plan.templates)) {
    try {
      groups.push(...(await openGroups({ ...plan, templates }, { ...shared, ...deps })));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const title = templates.map(({ target }) => basename(target.path)).join(", ");
      failed.push({ title, fault: error });
    }
  }
  return { groups, failed };
}

/** The templates of each proxy; one without a proxy is alone, and so is one that is to be changed apart. */
function byProxy(templates: readonly TemplatePlan[]): readonly (readonly TemplatePlan[])[] {
  const lists: TemplatePlan[][] = [];
  for (const plan of templates) {
    const { proxy, isApart } = plan;
    const isSame = ([known]: readonly TemplatePlan[]) =>
      !known?.isApart && isDeepStrictEqual(known?.proxy, proxy);
    const list = proxy && !isApart ? lists.find(isSame) : undefined;
    if (list) list.push(plan);
    else lists.push([plan]);
  }
  return lists;
}

/** The folders that have to be watched for all groups, none of them within another. */
export function prefixesOf(
  groups: readonly Pick<TemplateGroup, "prefixes">[],
  { ownFolders }: Pick<Mounts, "ownFolders">,
): readonly string[] {
  return outermost(
    groups.flatMap(({ prefixes }) => prefixes),
    ownFolders,
  );
}
