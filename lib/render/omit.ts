import { folderAbove } from "../model/entry.ts";
import type { Pool, Quarantined } from "../model/pool.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Rejection, Template } from "./contract.ts";
import type { Keys, RenderContext } from "./helpers/contract.ts";
import type { Prefixes } from "./prefixes.ts";

/** The text of a file, and the entries that lists leave out because the file cannot hold them. */
export interface RenderedFile {
  readonly text: string;
  readonly quarantined: readonly Quarantined[];
}

/** The entries that a template may read. */
export interface Visible {
  readonly snapshot: Snapshot;
  readonly prefixes: Prefixes;
}

/** How often a rendering may start again: a list without one entry may make the template fail for another one. */
const maxRounds = 10;

/**
 * Renders a template. An entry of a list that cannot be rendered is left out of all lists of the file, so that a
 * reference to it is left out as well. A key that the template reads by name is never left out: a file without it may
 * mean something else. Throws a RENDER_ fault.
 */
export function renderOmitting(
  template: Template,
  context: RenderContext,
  visible: Visible,
): RenderedFile {
  const omitted = new Omitted(visible);
  for (let round = 1; ; round += 1) {
    const rejections: Rejection[] = [];
    /** By key, since a template may use a list several times. */
    const leftOut = new Map<string, Quarantined>();
    const quarantine = ({ key, why }: Omit<Quarantined, "revision">) => {
      leftOut.set(key, { key, revision: revisionOf(key, visible), why });
    };
    const seen = { ...omitted.without(context), quarantine };
    const text = template.render(seen, (one) => rejections.push(one));
    const [first] = rejections;
    if (!first) return { text, quarantined: [...omitted.quarantined, ...leftOut.values()] };
    if (round === maxRounds || !omitted.add(rejections)) throw first.fault;
  }
}

/** The keys and folders that lists leave out. */
class Omitted {
  readonly #visible: Visible;
  readonly #paths = new Map<string, Quarantined>();
  /** The folders of the paths: only lists of these change. */
  readonly #parents = new Set<string>();
  #size = 0;

  constructor(visible: Visible) {
    this.#visible = visible;
  }

  get quarantined(): readonly Quarantined[] {
    return [...this.#paths.values()];
  }

  /**
   * Returns false if it is of no use: the template reads the entries by name as well, or more than half of all entries
   * would be left out, in which case the template is at fault.
   */
  add(rejections: readonly Rejection[]): boolean {
    const before = this.#paths.size;
    for (const { paths, fault } of rejections) {
      for (const path of paths) if (!this.#has(path)) this.#add(path, fault.message);
    }
    const { prefixes, snapshot } = this.#visible;
    return this.#paths.size > before && this.#size * 2 <= prefixes.sizeIn(snapshot);
  }

  without(context: RenderContext): RenderContext {
    if (this.#paths.size === 0) return context;
    const services = context.services.flatMap((pool) => this.#remaining(pool));
    return { ...context, services, keys: this.#filtered(context.keys) };
  }

  #add(path: string, why: string): void {
    const { prefixes, snapshot } = this.#visible;
    const own = prefixes.includes(path) ? snapshot.get(path) : undefined;
    const below = [...prefixes.below(path, snapshot)].flat();
    this.#size += below.length + (own ? 1 : 0);
    this.#paths.set(path, { key: path, revision: revisionOf(path, this.#visible), why });
    this.#parents.add(folderAbove(path));
  }

  /** Whether a key or a folder, or one that it is in, is left out. */
  #has(path: string): boolean {
    for (let at = path; at !== ""; at = folderAbove(at)) if (this.#paths.has(at)) return true;
    return false;
  }

  /** As in `view/without.ts`, a service that loses all of its instances is absent. */
  #remaining(pool: Pool): readonly Pool[] {
    const [first, last] = [pool.instances.at(0), pool.instances.at(-1)];
    if (!first || !last) return [pool];
    const folder = folderAbove(first.key);
    // In key order, the instances between two of one folder are in that folder, too; of a source they may be in several.
    if (folder === folderAbove(last.key)) {
      if (this.#has(folder)) return [];
      if (!this.#parents.has(folder)) return [pool];
    }
    const instances = pool.instances.filter(({ key }) => !this.#has(key));
    if (instances.length === pool.instances.length) return [pool];
    return instances.length === 0 ? [] : [{ ...pool, instances }];
  }

  #filtered(keys: Keys): Keys {
    const remaining = (folder: string, names: readonly string[]) =>
      names.filter((name) => !this.#has(`${folder}/${name}`));
    const matching: Keys["matching"] = (glob) =>
      keys.matching(glob).filter(({ key }) => !this.#has(key));
    return {
      get: (key) => keys.get(key),
      has: (entry) => keys.has(entry),
      matching,
      valuesMatching: (glob) =>
        matching(glob)
          .map(({ value }) => value)
          .sort(),
      names: (folder) => remaining(folder, keys.names(folder)),
      folders: (folder) => remaining(folder, keys.folders(folder)),
      keysContaining: (text) => keys.keysContaining(text),
    };
  }
}

/** The revision of an entry, or of the first one in a folder. */
function revisionOf(path: string, { prefixes, snapshot }: Visible): string {
  const own = prefixes.includes(path) ? snapshot.get(path) : undefined;
  const [first] = own ? [own] : (prefixes.below(path, snapshot).next().value ?? []);
  return first?.revision ?? "";
}
