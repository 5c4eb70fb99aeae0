import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { TemplatePlan } from "../config/plan.ts";
import { isWithin, outermost } from "../model/entry.ts";
import type { Pools } from "../view/contract.ts";
import type { Sources, Template } from "./contract.ts";
import { compile } from "./engine/engine.ts";
import { kinds as formats } from "./escape/kinds.ts";
import { stamped } from "./generation.ts";
import { helpers } from "./helpers/all.ts";
import { TemplateKeys } from "./keys.ts";
import { type Loaded, loadSources } from "./load.ts";
import { type Resolver, withLookups } from "./lookups.ts";

/** What rendering needs besides the keyspace. */
export interface RenderDeps {
  readonly env: (name: string) => string | undefined;
  readonly resolver: Resolver;
  /** The folder of the templates that are shipped with the program. */
  readonly shipped: string;
}

/** A template of the configuration, as its file reads now. */
export class TemplateFile {
  readonly plan: TemplatePlan;
  /** What to call it in a message. */
  readonly name: string;
  /** The files and folders whose edits are edits of the template. */
  readonly watched: readonly string[];
  readonly #deps: RenderDeps;
  readonly #keys: TemplateKeys;
  #sources: Sources;
  #template: Template;

  private constructor(plan: TemplatePlan, deps: RenderDeps, { sources, watched }: Loaded) {
    this.plan = plan;
    this.name = basename(plan.target.path);
    this.watched = watched;
    this.#deps = deps;
    this.#keys = new TemplateKeys(plan.prefixes);
    this.#sources = sources;
    this.#template = compiled(plan, sources);
  }

  /** Throws RENDER_TEMPLATE_UNREADABLE, RENDER_SYNTAX or RENDER_UNKNOWN_NAME. */
  static async open(plan: TemplatePlan, deps: RenderDeps): Promise<TemplateFile> {
    return new TemplateFile(plan, deps, await read(plan, deps));
  }

  /** Reads the files again; returns whether they changed. Throws like `open`: then all stays as it was. */
  async reload(): Promise<boolean> {
    const { sources } = await read(this.plan, this.#deps);
    if (isDeepStrictEqual(sources, this.#sources)) return false;
    this.#template = compiled(this.plan, sources);
    this.#sources = sources;
    return true;
  }

  async render(pools: Pools, signal: AbortSignal): Promise<string> {
    const { env, resolver } = this.#deps;
    this.#keys.see(pools.snapshot);
    const services = visible(pools, this.plan.prefixes);
    const scene = { keys: this.#keys, services, env, now: new Date() };
    const text = await withLookups(
      this.name,
      resolver,
      (lookups) => this.#template.render({ ...scene, lookups }),
      signal,
    );
    return stamped(text);
  }
}

async function read({ source, name }: TemplatePlan, { shipped }: RenderDeps): Promise<Loaded> {
  return await loadSources([source, join(shipped, name)], join(shipped, "partials"));
}

function compiled({ format }: TemplatePlan, sources: Sources): Template {
  return compile(sources, { name: format, escape: formats[format] }, helpers);
}

/** The services that lie within a template's prefixes. */
function visible({ folder, byName }: Pools, prefixes: readonly string[]) {
  const services = [...byName.values()];
  if (prefixes.some((prefix) => isWithin(folder, prefix))) return services;
  return services.filter(({ name }) =>
    prefixes.some((prefix) => isWithin(`${folder}/${name}`, prefix)),
  );
}

/** The prefixes that a source has to watch for these templates, none of them within another. */
export function prefixesOf(templates: readonly TemplatePlan[]): readonly string[] {
  return outermost(templates.flatMap(({ prefixes }) => prefixes));
}
