import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Sources, Template } from "./contract.ts";
import { compile } from "./engine/engine.ts";
import { type Format, kinds as formats } from "./escape/kinds.ts";
import { stamped } from "./generation.ts";
import { helpers } from "./helpers/all.ts";
import { TemplateKeys } from "./keys.ts";
import { type Loaded, loadSources } from "./load.ts";
import { type Resolver, withLookups } from "./lookups.ts";
import { renderOmitting } from "./omit.ts";
import { Prefixes } from "./prefixes.ts";
import type { RenderedTarget, TextSource, View } from "./text-source.ts";

/** What rendering needs besides the keyspace. */
export interface RenderDeps {
  /** A variable of the environment; undefined where it is not set. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly resolver: Resolver;
  /** The folder of the templates that are shipped with the program. */
  readonly shipped: string;
}

/** Where a template is, and what it may read. */
export interface TemplateSettings {
  /** The name to look for among the shipped templates. */
  readonly name: string;
  /** The file to look for first. */
  readonly source: string;
  /** The folders of the keyspace that the template may read. */
  readonly prefixes: readonly string[];
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
  readonly #keys: TemplateKeys;
  readonly #environment = new Set<string>();
  /** The file that it was read from. */
  readonly #path: string;
  #sources: Sources;
  #template: Template;
  #wasRendered = false;

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
    this.#prefixes = new Prefixes(settings.prefixes);
    this.#keys = new TemplateKeys(this.#prefixes);
    this.#sources = sources;
    this.#template = compiled(settings, sources);
  }

  /** Distinguishes the sources of the template from any others. */
  get digest(): string {
    const { main, partials } = this.#sources;
    const parts = [main.text, ...[...partials].map(([name, { text }]) => [name, text])];
    return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  }

  /** Throws RENDER_TEMPLATE_UNREADABLE, RENDER_SYNTAX or RENDER_UNKNOWN_NAME. */
  static async open(settings: TemplateSettings, deps: RenderDeps): Promise<TemplateFile> {
    const candidates = [settings.source, join(deps.shipped, settings.name)];
    return new TemplateFile(settings, deps, await read(candidates, deps));
  }

  /** Reads the files again; returns whether they changed. Throws like `open`: then the template stays as it was. */
  async reload(): Promise<boolean> {
    // Never another file than at the start: without one's own template, a shipped one of the same name must not replace it.
    const { sources } = await read([this.#path], this.#deps);
    if (isDeepStrictEqual(sources, this.#sources)) return false;
    this.#template = compiled(this.settings, sources);
    this.#sources = sources;
    return true;
  }

  /** The values of the environment that were rendered so far. */
  get environment(): ReadonlySet<string> {
    return this.#environment;
  }

  /** A text of a template does not depend on the one before it. */
  installed(): void {}

  /** The text of the target, without the list entries that cannot stand in it. Throws a RENDER_ fault. */
  async render({ snapshot, services }: View, signal: AbortSignal): Promise<RenderedTarget> {
    const { env, resolver } = this.#deps;
    const visible = { snapshot, prefixes: this.#prefixes };
    this.#keys.see(snapshot);
    const scene = { keys: this.#keys, services, env: this.#read(env), now: new Date() };
    const { text, quarantined } = await withLookups(
      this.name,
      resolver,
      (lookups) => renderOmitting(this.#template, { ...scene, lookups }, visible),
      signal,
    );
    const isFirst = !this.#wasRendered;
    this.#wasRendered = true;
    const lacksKeys = isFirst && this.#template.readsKeyspace && this.#prefixes.isEmptyIn(snapshot);
    return { text: stamped(text), quarantined, lacksKeys };
  }

  #read(env: RenderDeps["env"]): (name: string) => string | undefined {
    return (name) => {
      const value = env[name];
      if (value) this.#environment.add(value);
      return value;
    };
  }
}

async function read(candidates: readonly string[], { shipped }: RenderDeps): Promise<Loaded> {
  return await loadSources(candidates, join(shipped, "partials"));
}

function compiled({ format }: TemplateSettings, sources: Sources): Template {
  return compile(sources, { name: format, escape: formats[format] }, helpers);
}
