import type { Clock } from "../../../lib/base/clock.ts";
import { isNamed } from "../../../lib/base/named-path.ts";
import type { Journal } from "../../../lib/journal/journal.ts";
import type { Entry } from "../../../lib/model/entry.ts";
import type {
  ExplainedFile,
  ExplainedProxy,
  ExplainedView,
  LineExplanation,
} from "../../../lib/overview/explanation.ts";
import type { Guarded, Pools } from "../../../lib/view/contract.ts";
import { findInstances, similarNames } from "../../../lib/view/find-instance.ts";
import { PoolResolver } from "../../../lib/view/resolve-pools.ts";
import { faults } from "../../faults.ts";
import type { GroupFile, TemplateGroup } from "../groups.ts";
import type { WatchState } from "../state.ts";
import { targetsOf } from "../targets.ts";
import { explainLine } from "./explain-line.ts";
import { fileLines, noLines } from "./file-lines.ts";
import { type Subject, useOf } from "./file-use.ts";
import type { WatchParts } from "./parts.ts";
import { madeOf } from "./serving-groups.ts";
import { Trials } from "./trials.ts";
import { viewOf } from "./view-of.ts";

/** What a watcher knows of an instance or another entry. */
export interface WatchedInstance {
  readonly subjects: readonly Subject[];
  readonly entry: Entry | undefined;
  /** When a file was first made with this revision of the entry; undefined if the journal has no such generation in memory. */
  readonly since: string | undefined;
  readonly similar: readonly string[];
  readonly guarded: Guarded;
}

/** A file as far as its watcher knows it. */
export type WatchedFile = Omit<ExplainedFile, "status" | "since"> & {
  readonly target: string;
  readonly sinceMs?: number;
};

/** Answers questions about the texts of a watcher by rendering, and changes nothing. */
export class WatchExplainer {
  readonly #groups: readonly TemplateGroup[];
  readonly #state: WatchState;
  readonly #journal: Journal;
  readonly #clock: Clock;

  constructor({ groups, state, journal, clock }: WatchParts) {
    this.#groups = groups;
    this.#state = state;
    this.#journal = journal;
    this.#clock = clock;
  }

  /** `asked` is a key, or the name of an instance. */
  find(asked: string): WatchedInstance {
    const guarded = this.#state.views.latest.value;
    const subjects = findInstances(asked, guarded);
    const [{ key } = { key: asked }] = subjects;
    const entry = guarded.observed.snapshot.get(key);
    const similar = similarNames(asked, guarded);
    return { subjects, entry, since: entry && this.#since(entry), similar, guarded };
  }

  views(subjects: readonly Subject[], dateOf: (ms: number) => string): readonly ExplainedView[] {
    const guarded = this.#state.views.latest.value;
    return subjects.map((one) => viewOf(one, guarded, dateOf));
  }

  /** What each file does with an entry; `views` has what the view makes of it. */
  async files(
    subjects: readonly Subject[],
    views: readonly ExplainedView[],
    signal: AbortSignal,
  ): Promise<readonly WatchedFile[]> {
    const all: WatchedFile[] = [];
    for (const group of this.#groups) {
      for (const file of group.files)
        all.push(await this.#file(file, group, subjects, views, signal));
    }
    return all;
  }

  /** Throws AGENT_FILE_UNKNOWN and AGENT_LINE_UNKNOWN. */
  async line(
    path: string,
    number: number,
    signal: AbortSignal,
  ): Promise<Omit<LineExplanation, "status">> {
    const [group, file] = this.#locate(path);
    const pools = group.accepted;
    const trials = pools && this.#trials(file, group, pools, signal);
    return await explainLine({ group, file, trials }, number, this.#clock);
  }

  async #file(
    file: GroupFile,
    group: TemplateGroup,
    subjects: readonly Subject[],
    views: readonly ExplainedView[],
    signal: AbortSignal,
  ): Promise<WatchedFile> {
    const { effective } = this.#state.views.latest.value;
    const made = madeOf(group);
    const state = { made, now: effective };
    const uses = subjects.map((one) => useOf(one, file, group, state, this.#state.nameView));
    const used = uses.find(({ use }) => use !== "not read") ?? uses[0];
    const { use = "unknown", why = "", ...more } = used ?? {};
    const instead = views.find(({ insteadKey }) => insteadKey !== undefined);
    const isRepeated = use === "absent" && instead !== undefined;
    const served = isRepeated ? servedInstead(instead, made) : {};
    const target = file.plan.target.path;
    const key = subjects[0]?.key ?? "";
    const isIn = made?.snapshot.get(key) !== undefined && use !== "not read";
    const found =
      isIn && made ? await fileLines(key, this.#trials(file, group, made, signal), group) : noLines;
    return {
      target,
      use,
      why: isRepeated ? instead.why : why,
      ...more,
      ...served,
      ...found,
      ...this.#proxyOf(group),
    };
  }

  #trials(file: GroupFile, group: TemplateGroup, pools: Pools, signal: AbortSignal): Trials {
    const resolver = new PoolResolver();
    const { resolution } = this.#state.names;
    const resolve = (one: Pools) =>
      group.resolvesNames ? resolver.of(one, resolution.value).pools : one;
    return new Trials(file, pools, resolve, signal);
  }

  #proxyOf({ proxy, title }: TemplateGroup): { readonly proxy?: ExplainedProxy } {
    if (!proxy) return {};
    const { facts } = this.#journal.facts.since(0);
    const last = facts.findLast(({ generation }) => generation.group === title)?.generation;
    const generation = last && { n: last.n, at: last.at, how: last.detail ?? last.how };
    const isVerified = proxy.observe !== undefined;
    return { proxy: { title: proxy.title, isVerified, ...(generation && { generation }) } };
  }

  #since({ key, revision }: Entry): string | undefined {
    const { facts } = this.#journal.facts.since(0);
    return facts.find(({ generation: { cause } }) =>
      cause.keys.some((one) => one.key === key && one.revision === revision),
    )?.generation.at;
  }

  /** The file with a path, or with a name that only one file has. */
  #locate(path: string): readonly [TemplateGroup, GroupFile] {
    const all = this.#groups.flatMap((group) => group.files.map((file) => [group, file] as const));
    const exact = all.filter(([, { plan }]) => plan.target.path === path);
    const named = all.filter(([, { plan }]) => isNamed(plan.target.path, path));
    const [found, ...others] = exact.length > 0 ? exact : named;
    if (found && others.length === 0) return found;
    throw faults.AGENT_FILE_UNKNOWN({ path, targets: this.#groups.flatMap(targetsOf) });
  }
}

/** The use of an instance whose address another entry has, which is in the file. */
function servedInstead(
  { service = "", insteadKey }: ExplainedView,
  made: Pools | undefined,
): Pick<WatchedFile, "use" | "weight"> | object {
  const found = made?.byName.get(service)?.instances.find(({ key }) => key === insteadKey);
  return found && found.weight > 0 ? { use: "serving", weight: found.weight } : {};
}
