import Handlebars from "handlebars";
import type { EscapeFormat, Rejection, Site, Sources, Template } from "../contract.ts";
import type { Helper, Helpers, RenderContext } from "../helpers/contract.ts";
import { lookup } from "./blocks.ts";
import type { Vocabulary } from "./closed.ts";
import { MemoizedList } from "./each.ts";
import type { Frame } from "./frames.ts";
import { type Instrumented, inserted, instrument } from "./instrument.ts";
import { parse } from "./parse.ts";
import { readsKeyspace } from "./reads.ts";
import { type Compiled, type Rendered, Rendering } from "./rendering.ts";
import { builtIn, verify } from "./verify.ts";

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
  readonly readsKeyspace: boolean;
  readonly #format: EscapeFormat;
  readonly #instrumented: Instrumented = { sites: [], closed: new Set() };
  /** By site. */
  readonly #lists = new Map<number, MemoizedList>();
  readonly #run: Program;
  /** Set during a call of `render`. */
  #rendering: Rendering | undefined;

  constructor(sources: Sources, format: EscapeFormat, helpers: Helpers) {
    this.name = sources.main.name;
    this.#format = format;
    const main = parse(sources.main);
    const partials = new Map([...sources.partials].map(([name, from]) => [name, parse(from)]));
    const names = new Set([...builtIn.keys(), ...Object.keys(helpers)]);
    const known = { helpers: names, partials: new Set(partials.keys()) };
    const [mistake] = [
      ...verify(main, sources.main.name, known),
      ...[...partials].flatMap(([name, one]) => verify(one, sourceName(sources, name), known)),
    ];
    if (mistake) throw mistake.fault;

    this.readsKeyspace = readsKeyspace(main, partials);
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

  render(context: RenderContext, onRejected?: (rejection: Rejection) => void): string {
    for (const list of this.#lists.values()) list.startRendering();
    const isolates = onRejected !== undefined;
    let rendered = this.#render(context, this.#lists, isolates);
    // Reused text has not been counted, and the number of good items decides between the template and its entries.
    if (rendered.suspected) rendered = this.#render(context, new Map(), isolates);
    if (rendered.suspected) throw rendered.suspected;
    for (const rejection of rendered.rejected) onRejected?.(rejection);
    return rendered.text;
  }

  #render(context: RenderContext, lists: Compiled["lists"], isolates: boolean): Rendered {
    const { sites } = this.#instrumented;
    const compiled: Compiled = { name: this.name, format: this.#format, sites, lists };
    const rendering = new Rendering(compiled, context, isolates);
    this.#rendering = rendering;
    try {
      return rendering.run((frame) => this.#run(frame, runtimeOptions(frame)));
    } finally {
      this.#rendering = undefined;
    }
  }

  #compile(
    main: hbs.AST.Program,
    partials: ReadonlyMap<string, hbs.AST.Program>,
    helpers: Helpers,
  ): Program {
    const environment = Handlebars.create();
    for (const name of Object.keys(environment.helpers)) {
      if (!builtIn.has(name)) environment.unregisterHelper(name);
    }
    this.#registerHelpers(environment, helpers);
    const options = {
      knownHelpers: Object.fromEntries(Object.keys(environment.helpers).map((h) => [h, true])),
      knownHelpersOnly: true,
      noEscape: true,
    } as unknown as CompileOptions;
    for (const [name, program] of partials) {
      environment.registerPartial(name, environment.compile(program, options));
    }
    return environment.compile(main, options) as Program;
  }

  #registerHelpers(environment: typeof Handlebars, helpers: Helpers): void {
    const current = () => this.#current();
    const siteOf = (options: unknown) => this.#siteOf(options as WithLocation);
    const register = (name: string, run: Helper["run"]) => {
      environment.registerHelper(name, function (this: Frame, ...args: unknown[]) {
        const options = args.pop();
        return current().call(this, name, run, args, siteOf(options));
      });
    };
    for (const [name, { run }] of Object.entries(helpers)) register(name, run);
    register("lookup", lookup);
    const inner: Readonly<Record<string, InnerHelper>> = {
      [inserted.checked]: (frame, value, site) => current().checked(frame, value, site),
      [inserted.raw]: (frame, value, site) => current().raw(frame, value, site),
      [inserted.each]: (frame, list, site, options) => current().each(frame, list, site, options),
      [inserted.with]: (frame, value, site, options) => current().with(frame, value, site, options),
      [inserted.include]: (frame, value, site, { hash }) =>
        current().include(frame, value, site, hash),
    };
    for (const [name, helper] of Object.entries(inner)) {
      const run = function (this: Frame, value: unknown, site: number, options: HelperOptions) {
        return helper(this, value, site, options);
      };
      environment.registerHelper(name, run);
    }
  }

  #current(): Rendering {
    if (!this.#rendering) throw new Error("a helper was called outside of render()");
    return this.#rendering;
  }

  #siteOf({ loc: { source, start } }: WithLocation): Site {
    const { line, column } = start;
    return { template: source ?? this.name, line, column: column + 1, text: "" };
  }
}

/** A program compiled by Handlebars, which renders in the context of a frame. */
type Program = (frame: Frame, options: Handlebars.RuntimeOptions) => string;

type HelperOptions = Handlebars.HelperOptions;
type InnerHelper = (frame: Frame, value: unknown, site: number, options: HelperOptions) => unknown;

interface WithLocation {
  readonly loc: hbs.AST.SourceLocation;
}

/** `@root` is the value of the first frame. Members of prototypes are absent, and no warning is printed for them. */
function runtimeOptions({ value }: Frame): Handlebars.RuntimeOptions {
  return {
    data: { root: value },
    allowProtoMethodsByDefault: false,
    allowProtoPropertiesByDefault: false,
  };
}

/** The name of a partial in messages. */
export function sourceName(sources: Sources, partial: string): string {
  return sources.partials.get(partial)?.name ?? partial;
}
