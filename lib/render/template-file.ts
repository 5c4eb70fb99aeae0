import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Changes } from "../model/changes.ts";
import { ownFolders } from "../model/entry.ts";
import type { Quarantined } from "../model/pool.ts";
import type { Language, Sources, Template } from "./contract.ts";
import { type Format, kinds as formats } from "./escape/kinds.ts";
import { stamped } from "./generation.ts";
import { type Outside, TemplateKeys } from "./keys.ts";
import { compileSources } from "./language.ts";
import { type Loaded, loadSources } from "./load.ts";
import { type Resolver, withLookups } from "./lookups.ts";
import { renderOmitting } from "./omit.ts";
import type { PartialFolders } from "./partial-folders.ts";
import { Prefixes } from "./prefixes.ts";
import { noReads, type ReadState, Reads } from "./reads.ts";
import { Root } from "./rooted.ts";
import type { RenderedTarget, TextSource, View } from "./text-source.ts";

/** What rendering needs besides the keyspace. */
export interface RenderDeps {
  /** A variable of the environment; undefined where it is not set. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly resolver: Resolver;
  /** The folder of the templates that are shipped with the program. */
  readonly shipped: string;
  /** The partials that other templates were read with; by default they are read. */
  readonly partials?: PartialFolders;
}

/** Where a template is, and what it may read. */
export interface TemplateSettings {
  /** The name to look for among the shipped templates. */
  readonly name: string;
  /** The file to look for first. */
  readonly source: string;
  /** The folders of the keyspace that the template may read, as keys of the keyspace. */
  readonly prefixes: readonly string[];
  /** The folder of the keyspace that the template sees as `/`; by default the root. A prefix is within it. */
  readonly root?: string;
  /** The folders that a prefix above them does not show: those of the program's own entries, `/sidekick` by default. */
  readonly hidden?: readonly string[];
  /** What a key outside of the prefixes is to the template; by default a fault. */
  readonly outside?: Outside;
  /** The language of the source; by default that of its file name extension: `.tmpl` is a Go template. */
  readonly language?: Language;
  /** The format of the target, which decides how values are checked. */
  readonly format: Format;
  readonly target: { readonly path: string };
}

/** A template of the configuration, as its file was last read. */
export class TemplateFile implements TextSource {
  readonly settings: TemplateSettings;
  /** The name of the target, for messages. */
  readonly name: string;
  /** The files and folders whose edits are edits of the template. */
  readonly watched: readonly string[];
  readonly #deps: RenderDeps;
  readonly #prefixes: Prefixes;
  readonly #root: Root;
  readonly #keys: TemplateKeys;
  readonly #environment = new Set<string>();
  /** The file that it was read from. */
  readonly #path: string;
  #sources: Sources;
  #digest: string | undefined;
  #template: Template;
  #wasRendered = false;
  #reads: ReadState = noReads;
  /** Whether the next rendering gives the same text if nothing of what the last one has read has changed. */
  #isRecorded = false;
  #looksUp = false;

  private constructor(
    settings: TemplateSettings,
    deps: RenderDeps,
    { path, sources, watched }: Loaded,
  ) {
    this.#path = path;
    this.settings = settings;
    this.name = basename(settings.target.path);
    this.watched = watched;
    this.#deps = deps;
    const { root = "", prefixes, hidden = ownFolders(), outside } = settings;
    this.#root = new Root(root);
    this.#prefixes = new Prefixes(
      prefixes.map((prefix) => this.#root.short(prefix) ?? prefix),
      hidden.flatMap((folder) => this.#root.short(folder) || []),
    );
    this.#keys = new TemplateKeys(this.#prefixes, outside);
    this.#sources = sources;
    this.#template = compiled(settings, sources);
  }

  /** Distinguishes the sources of the template from any others. */
  get digest(): string {
    this.#digest ??= digestOf(this.#sources);
    return this.#digest;
  }

  /** Throws RENDER_TEMPLATE_UNREADABLE, RENDER_SYNTAX or RENDER_UNKNOWN_NAME. */
  static async open(settings: TemplateSettings, deps: RenderDeps): Promise<TemplateFile> {
    const candidates = [settings.source, join(deps.shipped, settings.name)];
    const { partials, ...kept } = deps;
    return new TemplateFile(settings, kept, await read(candidates, settings, deps));
  }

  /** A template that is no file: its text includes no partials. Throws RENDER_SYNTAX or RENDER_UNKNOWN_NAME. */
  static ofText(settings: TemplateSettings, text: string, deps: RenderDeps): TemplateFile {
    const sources = { main: { name: settings.name, text }, partials: new Map() };
    return new TemplateFile(settings, deps, { path: settings.source, sources, watched: [] });
  }

  /** Reads the files again; returns whether they changed. Throws like `open`: then the template stays as it was. */
  async reload(partials?: PartialFolders): Promise<boolean> {
    // Never another file than at the start: without one's own template, a shipped one of the same name must not replace it.
    const { sources } = await read([this.#path], this.settings, { ...this.#deps, partials });
    if (isDeepStrictEqual(sources, this.#sources)) return false;
    this.#template = compiled(this.settings, sources);
    this.#sources = sources;
    this.#isRecorded = false;
    this.#digest = undefined;
    return true;
  }

  /** The values of the environment that were rendered so far. */
  get environment(): ReadonlySet<string> {
    return this.#environment;
  }

  get reads(): ReadState {
    return this.#reads;
  }

  /** Names are looked up again for each rendering. */
  get isRepeatable(): boolean {
    return !this.#looksUp;
  }

  get canTryOut(): boolean {
    return this.isRepeatable;
  }

  /** A text of a template does not depend on the one before it. */
  installed(): void {}

  /** Also after a rendering that left entries out: whether these can be rendered depends on more than what is read. */
  dependsOn(changes: Changes): boolean {
    return !this.#isRecorded || this.#reads.includes(changes);
  }

  /** The text of the target, without the list entries that cannot stand in it. Throws a RENDER_ fault. */
  async render(view: View, signal: AbortSignal, now?: Date): Promise<RenderedTarget> {
    this.#isRecorded = false;
    const { text, quarantined, reads, rounds } = await this.#rendered(view, signal, now);
    this.#isRecorded = this.#template.isRecorded && quarantined.length === 0;
    this.#reads = { includes: (changes) => this.#hasRead(reads, changes) };
    this.#looksUp = rounds > 1;
    const isFirst = !this.#wasRendered;
    this.#wasRendered = true;
    const snapshot = this.#root.snapshot(view.snapshot);
    const lacksKeys = isFirst && this.#template.readsKeyspace && this.#prefixes.isEmptyIn(snapshot);
    return { text, quarantined: quarantined.map(this.#asWhole), lacksKeys };
  }

  async tryOut(view: View, signal: AbortSignal, now?: Date): Promise<string> {
    return (await this.#rendered(view, signal, now)).text;
  }

  async #rendered(view: View, signal: AbortSignal, now = new Date()) {
    const snapshot = this.#root.snapshot(view.snapshot);
    const services = this.#root.services(view.services);
    const { env, resolver } = this.#deps;
    const visible = { snapshot, prefixes: this.#prefixes };
    const reads = new Reads();
    let rounds = 0;
    const keys = reads.recording(this.#keys);
    const scene = { keys, services, reads, env: this.#read(env), now };
    const { text, quarantined } = await withLookups(
      this.name,
      resolver,
      (lookups) => {
        rounds += 1;
        // Another rendering may have begun while names were looked up.
        this.#keys.see(snapshot);
        return renderOmitting(this.#template, { ...scene, lookups }, visible);
      },
      signal,
    );
    return { text: stamped(text), quarantined, reads, rounds };
  }

  #hasRead(reads: Reads, { keys, services }: Changes): boolean {
    if (reads.hasAnyOf(services)) return true;
    for (const [key, isNews] of keys) {
      const short = this.#root.short(key);
      if (short !== undefined && reads.hasKey(short, isNews)) return true;
    }
    return false;
  }

  readonly #asWhole = (one: Quarantined): Quarantined => ({
    ...one,
    key: this.#root.whole(one.key),
  });

  #read(env: RenderDeps["env"]): (name: string) => string | undefined {
    return (name) => {
      const value = env[name];
      if (value) this.#environment.add(value);
      return value;
    };
  }
}

async function read(
  candidates: readonly string[],
  { language }: TemplateSettings,
  { shipped, partials }: Pick<RenderDeps, "shipped"> & { partials?: PartialFolders | undefined },
): Promise<Loaded> {
  return await loadSources(candidates, join(shipped, "partials"), language, partials);
}

function digestOf({ main, partials }: Sources): string {
  const parts = [main.text, ...[...partials].map(([name, { text }]) => [name, text])];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

function compiled({ format }: TemplateSettings, sources: Sources): Template {
  return compileSources(sources, { name: format, escape: formats[format] });
}
