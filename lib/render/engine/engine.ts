import Handlebars from "handlebars";
import type { Escape, Site, Sources, Template } from "../contract.ts";
import { faults } from "../faults.ts";
import type { Helpers, RenderContext } from "../helpers/contract.ts";
import { HelperError } from "../helpers/contract.ts";
import type { Vocabulary } from "./closed.ts";
import { MemoizedList } from "./each.ts";
import { type Instrumented, inserted, instrument } from "./instrument.ts";
import { parse } from "./parse.ts";
import { UnsafeValue, valueText } from "./values.ts";
import { builtIn, verify } from "./verify.ts";

/** The format of the rendered file, with the check of its values. */
export interface EscapeFormat {
  readonly name: string;
  readonly escape: Escape;
}

/**
 * Parses, verifies and compiles a template in a Handlebars environment of its own. Throws RENDER_SYNTAX or
 * RENDER_UNKNOWN_NAME with line and column: every error that does not depend on values is found here, before the
 * first rendering.
 */
export function compile(sources: Sources, format: EscapeFormat, helpers: Helpers): Template {
  return new CompiledTemplate(sources, format, helpers);
}

class CompiledTemplate implements Template {
  readonly name: string;
  readonly #format: EscapeFormat;
  readonly #instrumented: Instrumented = { sites: [], closed: new Set() };
  /** By site. */
  readonly #lists = new Map<number, MemoizedList>();
  readonly #run: (context: object) => string;
  /** Set during a call of `render`. */
  #context: RenderContext | undefined;

  constructor(sources: Sources, format: EscapeFormat, helpers: Helpers) {
    this.name = sources.main.name;
    this.#format = format;
    const main = parse(sources.main);
    const partials = new Map([...sources.partials].map(([name, from]) => [name, parse(from)]));
    const names = new Set([...builtIn.keys(), ...Object.keys(helpers)]);
    const known = { helpers: names, partials: new Set(partials.keys()) };
    verify(main, sources.main.name, known);
    for (const [name, program] of partials) verify(program, sourceName(sources, name), known);

    const pure = new Set(builtIn.keys());
    for (const [name, helper] of Object.entries(helpers)) if (helper.pure) pure.add(name);
    const vocabulary: Vocabulary = { helpers: names, pure, partials: structuredClone(partials) };
    instrument(main, sources.main.name, vocabulary, this.#instrumented);
    for (const [name, program] of partials) {
      instrument(program, sourceName(sources, name), vocabulary, this.#instrumented);
    }
    for (const site of this.#instrumented.closed) this.#lists.set(site, new MemoizedList());
    this.#run = this.#compile(main, partials, helpers);
  }

  render(context: RenderContext): string {
    this.#context = context;
    for (const list of this.#lists.values()) list.startRendering();
    try {
      return this.#run({ services: context.services });
    } catch (error) {
      throw this.#toFault(error, context);
    } finally {
      this.#context = undefined;
    }
  }

  #compile(
    main: hbs.AST.Program,
    partials: ReadonlyMap<string, hbs.AST.Program>,
    helpers: Helpers,
  ): (context: object) => string {
    const environment = Handlebars.create();
    for (const name of Object.keys(environment.helpers)) {
      if (!builtIn.has(name)) environment.unregisterHelper(name);
    }
    const each = environment.helpers.each as Each;
    for (const [name, helper] of Object.entries(helpers)) {
      environment.registerHelper(name, (...args: unknown[]) =>
        this.#call(name, helper, args.slice(0, -1), args.at(-1)),
      );
    }
    environment.registerHelper(inserted.checked, (value, site) => this.#checked(value, site));
    environment.registerHelper(inserted.raw, (value, site) => valueText(value, this.#site(site)));
    const loop = this.#each.bind(this);
    environment.registerHelper(
      inserted.each,
      function (this: unknown, list: unknown, site: number, options: Handlebars.HelperOptions) {
        return loop(this, list, site, options, each);
      },
    );
    const options = {
      knownHelpers: Object.fromEntries(Object.keys(environment.helpers).map((h) => [h, true])),
      knownHelpersOnly: true,
      noEscape: true,
    } as unknown as CompileOptions;
    for (const [name, program] of partials) {
      environment.registerPartial(name, environment.compile(program, options));
    }
    return environment.compile(main, options) as (context: object) => string;
  }

  #call(
    name: string,
    helper: Helpers[string],
    args: readonly unknown[],
    options: unknown,
  ): unknown {
    if (!this.#context) throw new Error(`${name} was called outside of render()`);
    try {
      return helper.run(args, this.#context);
    } catch (error) {
      if (!(error instanceof HelperError)) throw error;
      const { source, start } = (options as { loc: hbs.AST.SourceLocation }).loc;
      const site = { template: source ?? this.name, line: start.line, column: start.column + 1 };
      throw faults.RENDER_HELPER_FAILED({ ...site, helper: name, problem: error.message });
    }
  }

  #checked(value: unknown, site: number): string {
    const text = valueText(value, this.#site(site));
    const problem = this.#format.escape(text);
    if (problem !== undefined) throw new UnsafeValue(text, problem, this.#site(site));
    return text;
  }

  #each(
    context: unknown,
    list: unknown,
    site: number,
    options: Handlebars.HelperOptions,
    each: Each,
  ): string {
    if (list === undefined) throw faults.RENDER_VALUE_MISSING({ site: this.#site(site) });
    const memoized = this.#lists.get(site);
    if (!memoized || !Array.isArray(list) || list.length === 0) {
      return each.call(context, list, options);
    }
    // The data frame is the one around the loop: a closed body does not use @index and the like.
    return memoized.render(list, (item) =>
      options.fn(item, { data: options.data, blockParams: [item] }),
    );
  }

  #site(number: number): Site {
    return this.#instrumented.sites[number] as Site;
  }

  #toFault(error: unknown, context: RenderContext): unknown {
    if (error instanceof UnsafeValue) {
      const { site, value, problem } = error;
      const keys = context.keys.keysContaining(value);
      return faults.RENDER_UNSAFE({ site, value, format: this.#format.name, problem, keys });
    }
    const isOfTemplate = error instanceof Handlebars.Exception || error instanceof RangeError;
    return isOfTemplate
      ? faults.RENDER_FAILED({ template: this.name, problem: error.message })
      : error;
  }
}

type Each = (this: unknown, list: unknown, options: Handlebars.HelperOptions) => string;

function sourceName(sources: Sources, partial: string): string {
  return sources.partials.get(partial)?.name ?? partial;
}
