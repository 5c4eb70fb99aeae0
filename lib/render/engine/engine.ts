import Handlebars from "handlebars";
import type { EscapeFormat, Rejection, Sources, Template } from "../contract.ts";
import type { Helpers, RenderContext } from "../helpers/contract.ts";
import { letBlock, lookup } from "./blocks.ts";
import type { Called, CallOptions } from "./calls.ts";
import type { Vocabulary } from "./closed.ts";
import { deferFaults } from "./defer.ts";
import { MemoizedList } from "./each.ts";
import type { Frame } from "./frames.ts";
import { type Instrumented, inserted, instrument } from "./instrument.ts";
import type { Parsed } from "./judge.ts";
import { bindNames } from "./let.ts";
import { namedIn } from "./named.ts";
import { parse } from "./parse.ts";
import { includedBy, parsePartials, verifyPartials } from "./partials.ts";
import { readsKeyspace } from "./reads.ts";
import { type Compiled, type Print, type Rendered, Rendering } from "./rendering.ts";
import { valueText } from "./values.ts";
import { builtIn, verify } from "./verify.ts";

/**
 * Parses, verifies and compiles a Handlebars template. Throws RENDER_SYNTAX or RENDER_UNKNOWN_NAME with line and column: every
 * error that does not depend on values is found here, before the first rendering.
 */
export function compile(sources: Sources, format: EscapeFormat, helpers: Helpers): Template {
  const { main, partials } = sources;
  const known = {
    helpers: new Set([...builtIn.keys(), ...Object.keys(helpers)]),
    partials: new Set(partials.keys()),
  };
  const program = parse(main);
  const parsed = parsePartials(partials);
  const [mistake] = verify(program, main, known);
  if (mistake) throw mistake.fault;
  deferFaults(program);
  bindNames(program);
  verifyPartials(partials, parsed, known);
  const trees: Trees = {
    main: { name: main.name, program },
    partials: includedBy(program, parsed),
  };
  return compileTrees(trees, format, helpers, valueText);
}

/** A template and its partials as syntax trees of Handlebars. */
export interface Trees {
  readonly main: Parsed;
  readonly partials: ReadonlyMap<string, Parsed>;
}

/** Compiles a template that was verified, in a Handlebars environment of its own. Changes the trees. */
export function compileTrees(
  trees: Trees,
  format: EscapeFormat,
  helpers: Helpers,
  print: Print,
): Template {
  return new CompiledTemplate(trees, format, helpers, print);
}

class CompiledTemplate implements Template {
  readonly name: string;
  readonly readsKeyspace: boolean;
  readonly isRecorded: boolean;
  readonly #format: EscapeFormat;
  readonly #print: Print;
  readonly #instrumented: Instrumented = { sites: [], closed: new Set() };
  /** By site. */
  readonly #lists = new Map<number, MemoizedList>();
  readonly #run: Program;
  /** Until it is compiled. */
  #tree: hbs.AST.Program | undefined;
  /** Set during a call of `render`. */
  #rendering: Rendering | undefined;

  constructor({ main, partials }: Trees, format: EscapeFormat, helpers: Helpers, print: Print) {
    this.name = main.name;
    this.#format = format;
    this.#print = print;
    const programs = new Map([...partials].map(([name, { program }]) => [name, program]));
    const named = namedIn([main.program, ...programs.values()], helpers);
    this.readsKeyspace = readsKeyspace(main.program, programs);
    this.isRecorded = Object.values(named).every(({ pure, isRecorded }) => pure || isRecorded);
    const vocabulary: Vocabulary = {
      helpers: new Set([...builtIn.keys(), ...blocks, ...Object.keys(helpers)]),
      pure: new Set([...builtIn.keys(), ...blocks, ...pureOf(helpers)]),
      partials: structuredClone(programs),
    };
    for (const { name, program } of [main, ...partials.values()]) {
      instrument(program, name, vocabulary, this.#instrumented);
    }
    for (const site of this.#instrumented.closed) this.#lists.set(site, new MemoizedList());
    this.#tree = main.program;
    this.#run = this.#compile(main.program, programs, named);
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
    const compiled: Compiled = {
      ...{ name: this.name, format: this.#format, print: this.#print, sites, lists },
    };
    const rendering = new Rendering(compiled, context, isolates);
    this.#rendering = rendering;
    try {
      const rendered = rendering.run((frame) => this.#run(frame, runtimeOptions(frame)));
      this.#dropTree();
      return rendered;
    } finally {
      this.#rendering = undefined;
    }
  }

  /** Handlebars compiles at the first call, and keeps the tree, which nothing reads any longer. */
  #dropTree(): void {
    if (this.#tree) this.#tree.body.length = 0;
    this.#tree = undefined;
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
      // Parsing has removed white space already: it would be removed from the text around it, too.
      ignoreStandalone: true,
    } as unknown as CompileOptions;
    for (const [name, program] of partials) {
      environment.registerPartial(name, environment.compile(program, options));
    }
    return environment.compile(main, options) as Program;
  }

  #registerHelpers(environment: typeof Handlebars, helpers: Helpers): void {
    const current = () => this.#current();
    const register = (helper: Called) => {
      environment.registerHelper(helper.name, function (this: Frame, ...args: unknown[]) {
        const options = args.pop() as CallOptions;
        return current().call(this, helper, args, options);
      });
    };
    for (const [name, { run, isTraced = true }] of Object.entries(helpers)) {
      register({ name, run, isTraced });
    }
    register({ name: "lookup", run: lookup, isTraced: true });
    environment.registerHelper(inserted.let, letBlock);
    const inner: Readonly<Record<string, InnerHelper>> = {
      [inserted.checked]: (frame, value, site) => current().checked(frame, value, site),
      [inserted.raw]: (frame, value, site) => current().raw(frame, value, site),
      [inserted.composed]: (frame, value, site, options) =>
        current().composed(frame, value, site, options),
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
}

/** The blocks that Handlebars does not have: that of `let`, and one of lowered templates. */
const blocks: readonly string[] = [inserted.let, inserted.composed];

function pureOf(helpers: Helpers): readonly string[] {
  return Object.entries(helpers).flatMap(([name, helper]) => (helper.pure ? [name] : []));
}

/** A program compiled by Handlebars, which renders in the context of a frame. */
type Program = (frame: Frame, options: Handlebars.RuntimeOptions) => string;

type HelperOptions = Handlebars.HelperOptions;
type InnerHelper = (frame: Frame, value: unknown, site: number, options: HelperOptions) => unknown;

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
