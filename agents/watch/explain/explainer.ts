import { readFile } from "node:fs/promises";
import { alignLines, linesOf } from "../../../lib/base/align-lines.ts";
import type { Clock } from "../../../lib/base/clock.ts";
import { Fault, ifSystem } from "../../../lib/base/fault.ts";
import type { Journal } from "../../../lib/journal/journal.ts";
import type { Entry } from "../../../lib/model/entry.ts";
import type {
  ExplainedFile,
  ExplainedProxy,
  ExplainedView,
  LineExplanation,
} from "../../../lib/overview/explanation.ts";
import { generationPlaceholder, unstamped } from "../../../lib/render/generation.ts";
import type { Guarded, Pools } from "../../../lib/view/contract.ts";
import { findInstances, similarNames } from "../../../lib/view/find-instance.ts";
import { PoolResolver } from "../../../lib/view/resolve-pools.ts";
import { faults } from "../../faults.ts";
import type { GroupFile, TemplateGroup } from "../groups.ts";
import { hiding } from "../hiding.ts";
import type { WatchState } from "../state.ts";
import { type Subject, useOf } from "./file-use.ts";
import { keysOfLine, usualLimits } from "./keys-of-line.ts";
import { Trials } from "./trials.ts";
import { linesOfKey } from "./tried-lines.ts";
import { viewOf } from "./view-of.ts";

/** So many lines of a file are shown. */
const mostLines = 20;

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

  constructor(groups: readonly TemplateGroup[], state: WatchState, journal: Journal, clock: Clock) {
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
    const target = file.plan.target.path;
    const pools = group.accepted;
    const disk = await readFile(target, "utf8").catch(ifSystem);
    const lines = linesOf(disk ?? "");
    const asked = lines[number - 1];
    if (asked === undefined) throw faults.AGENT_LINE_UNKNOWN({ target, count: lines.length });
    const text = pools ? hiding(group, pools)(asked) : asked;
    const answer = { target, number, text };
    const none = (note: string) => ({ ...answer, keys: [], isComplete: false, notes: [note] });
    if (!pools) return none("no text of it was accepted since the start");
    if (!file.source.canTryOut)
      return none("its template looks names up, and is not rendered again to find the keys");
    const trials = this.#trials(file, group, pools, signal);
    const base = await trials.base();
    if (base instanceof Fault) return none(`it cannot be rendered now: ${base.message}`);
    const notes = this.#notes(unstamped(disk ?? ""), base, group);
    const index = alignLines(linesOf(unstamped(disk ?? "")), base)[number - 1];
    if (index === undefined)
      return {
        ...none("the text in sync has no such line"),
        notes: [...notes, "the text in sync has no such line"],
      };
    const isMark = base[index]?.includes(generationPlaceholder) === true;
    const mark =
      "it has a digest of the whole text, and changes with every key that the text depends on";
    const tried = await keysOfLine(trials, base, index, usualLimits, this.#clock);
    const keys = tried.found
      .map(({ entry: { key, revision }, isRequired }) => ({ key, revision, isRequired }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    return {
      ...answer,
      keys,
      isComplete: tried.isComplete,
      notes: isMark ? [...notes, mark] : notes,
    };
  }

  async #file(
    file: GroupFile,
    group: TemplateGroup,
    subjects: readonly Subject[],
    views: readonly ExplainedView[],
    signal: AbortSignal,
  ): Promise<WatchedFile> {
    const { effective } = this.#state.views.latest.value;
    const made = group.ahead?.pools ?? group.accepted;
    const state = { made, now: effective };
    const uses = subjects.map((one) => useOf(one, file, group, state, this.#state.nameView));
    const used = uses.find(({ use }) => use !== "not read") ?? uses[0];
    const { use = "unknown", why = "", ...more } = used ?? {};
    const instead = views.find(({ insteadKey }) => insteadKey !== undefined);
    const reason = use === "absent" && instead ? instead.why : why;
    const target = file.plan.target.path;
    const key = subjects[0]?.key ?? "";
    const isIn = made?.snapshot.get(key) !== undefined && use !== "not read";
    const found = isIn && made ? await this.#lines(file, group, made, key, signal) : noLines;
    return { target, use, why: reason, ...more, ...found, ...this.#proxyOf(group) };
  }

  async #lines(
    file: GroupFile,
    group: TemplateGroup,
    made: Pools,
    key: string,
    signal: AbortSignal,
  ): Promise<Pick<WatchedFile, "lines" | "notes">> {
    const hide = hiding(group, made);
    const shownAt = (base: readonly string[], indexes: readonly number[], isExact: boolean) => {
      const first = indexes.slice(0, mostLines);
      const shown = first.map((i) => ({ number: i + 1, text: hide(base[i] ?? "") }));
      return { shown, more: indexes.length - first.length, isExact };
    };
    const { path } = file.plan.target;
    const text = group.verified?.get(path);
    if (!file.source.canTryOut) {
      const base = linesOf(text ?? "");
      const tokens = tokensOf(key, made);
      const indexes = base.flatMap((line, i) =>
        tokens.some((one) => line.includes(one)) ? [i] : [],
      );
      return { lines: shownAt(base, indexes, false), notes: [] };
    }
    const trials = this.#trials(file, group, made, signal);
    const base = await trials.base();
    if (base instanceof Fault)
      return { ...noLines, notes: [`it cannot be rendered now: ${base.message}`] };
    const { lines, fault } = await linesOfKey(trials, base, key);
    const disk = unstamped((await readFile(path, "utf8").catch(ifSystem)) ?? "");
    const required = fault ? [`it cannot be rendered without it: ${hide(fault.message)}`] : [];
    return {
      lines: shownAt(base, lines, true),
      notes: [...this.#notes(disk, base, group), ...required],
    };
  }

  /** How the file on the disk differs from the text that was rendered. */
  #notes(disk: string, base: readonly string[], { ahead }: TemplateGroup): readonly string[] {
    const isSame = disk === "" ? base.length === 0 : linesOf(disk).join("\n") === base.join("\n");
    if (ahead) return ["the proxy is ahead of the file, which follows within seconds"];
    if (isSame) return [];
    return [
      "the file on the disk has another text: it was changed by another program, or the latest text was not accepted",
    ];
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
    const named = all.filter(([, { plan }]) => plan.target.path.endsWith(`/${path}`));
    const [found, ...others] = exact.length > 0 ? exact : named;
    if (found && others.length === 0) return found;
    const targets = all.map(([, { plan }]) => plan.target.path);
    throw faults.AGENT_FILE_UNKNOWN({ path, targets });
  }
}

const noLines = { lines: { shown: [], more: 0, isExact: true }, notes: [] } as const;

/** What an instance is recognized by in a text that cannot be rendered again. */
function tokensOf(key: string, { byName, sources, snapshot }: Pools): readonly string[] {
  const found = [...sources.servicesOf(key)].flatMap(
    (name) => byName.get(name)?.instances.filter((one) => one.key === key) ?? [],
  );
  const addresses = found.flatMap((one) => [
    one.address,
    ...(one.resolved ?? []).map((r) => r.address),
  ]);
  const { value = "" } = snapshot.get(key) ?? {};
  return addresses.length > 0 || value === "" ? addresses : [value];
}
