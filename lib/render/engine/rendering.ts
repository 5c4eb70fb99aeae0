import { Fault } from "../../base/fault.ts";
import type { EscapeFormat, Rejection, Site } from "../contract.ts";
import { faults } from "../faults.ts";
import { Deferred, type RenderContext, Unresolved, UnusableValue } from "../helpers/contract.ts";
import { each, partialContext, type RenderItem, withValue } from "./blocks.ts";
import { type Called, type CallOptions, HelperCalls, isStackOverflow } from "./calls.ts";
import type { MemoizedList } from "./each.ts";
import { Frame } from "./frames.ts";
import { Origins } from "./origins.ts";
import { SecretValues } from "./secret-values.ts";

/** A compiled template, as far as a rendering needs it. */
export interface Compiled {
  readonly name: string;
  readonly format: EscapeFormat;
  readonly sites: readonly Site[];
  readonly print: Print;
  /** By site, the loops that reuse the text of their items. */
  readonly lists: ReadonlyMap<number, MemoizedList>;
}

/** The text of a value, as the language of the template has it. Throws a RENDER_ fault for a value that has none. */
export type Print = (value: unknown, site: Site, keys: () => readonly string[]) => string;

/** The result of a rendering. */
export interface Rendered {
  /** Lacks the rejected items. */
  readonly text: string;
  readonly rejected: readonly Rejection[];
  /** A fault of so many items that it is probably the template's. */
  readonly suspected: Fault | undefined;
}

interface Rejected extends Rejection {
  /** The site of the loop. */
  readonly site: number;
}

/** One rendering of a template: what the helpers that instrumentation inserts do, and the faults. */
export class Rendering {
  readonly #template: Compiled;
  readonly #context: RenderContext;
  readonly #origins: Origins;
  readonly #secrets = new SecretValues();
  readonly #calls: HelperCalls;
  readonly #isolates: boolean;
  readonly #rejected: Rejected[] = [];
  /** By the site of a loop, how many items that stand for entries it rendered or tried to. */
  readonly #tried = new Map<number, number>();
  #interruption: Unresolved | undefined;
  #site: number | undefined;
  #frame: Frame | undefined;

  /** With `isolates`, goes on past an entry that cannot be rendered. */
  constructor(template: Compiled, context: RenderContext, isolates: boolean) {
    this.#template = template;
    this.#origins = new Origins(context);
    const keys = this.#secrets.keys(this.#origins.keys);
    this.#context = { ...context, keys, env: this.#secrets.env(context.env) };
    this.#calls = new HelperCalls(template.name, this.#context, this.#origins, this.#secrets);
    this.#isolates = isolates;
  }

  /** Runs the template. Throws a RENDER_ fault for anything that it and its data do, or Unresolved. */
  run(program: (frame: Frame) => string): Rendered {
    try {
      const text = program(new Frame(rootOf(this.#context)));
      if (this.#interruption) throw this.#interruption;
      return { text, rejected: this.#rejected, suspected: this.#faultOfTemplate() };
    } catch (error) {
      if (this.#interruption) throw this.#interruption;
      throw error instanceof Unresolved ? error : this.#toFault(error);
    }
  }

  call(frame: Frame, helper: Called, args: readonly unknown[], options: CallOptions): unknown {
    return this.#calls.call(frame, helper, args, options);
  }

  raw(frame: Frame, value: unknown, site: number): string {
    const at = this.#enter(frame, site);
    if (value instanceof Deferred) return "";
    return this.#template.print(value, at, () => this.#origins.keysOf(frame));
  }

  checked(frame: Frame, value: unknown, site: number): string {
    const text = this.raw(frame, value, site);
    const { format } = this.#template;
    const problem = format.escape(text);
    if (problem === undefined) return text;
    // A text such as {{join list ","}} has items that are at fault by themselves.
    const isUnsafe = (item: string) => format.escape(item) !== undefined;
    const paths = this.#isolates ? this.#origins.pathsWithin(text, isUnsafe) : [];
    const fault = this.#unsafe(frame, text, this.#enter(frame, site), problem, paths);
    if (paths.length === 0) throw fault;
    this.#rejected.push({ paths, fault, site });
    return "";
  }

  /**
   * A text that the template composes of values and of its own text, such as a line break: what it takes from the template is
   * exempt. The block checks the values one by one; Deferred ones are not part of the text.
   */
  composed(frame: Frame, value: unknown, site: number, options: Handlebars.HelperOptions): string {
    const text = this.raw(frame, value, site);
    if (this.#template.format.escape(text) !== undefined) options.fn(frame, { data: options.data });
    return text;
  }

  #unsafe(
    frame: Frame,
    value: string,
    site: Site,
    problem: string,
    paths: readonly string[],
  ): Fault {
    const { name: format } = this.#template.format;
    const known = paths.length > 0 ? paths.slice(0, 3) : this.#origins.keysOf(frame);
    const keys = known.length > 0 ? known : this.#context.keys.keysContaining(value);
    const shown = this.#secrets.include([value], site, keys) ? undefined : value;
    return faults.RENDER_UNSAFE({ site, value: shown, format, problem, keys });
  }

  each(frame: Frame, list: unknown, site: number, options: Handlebars.HelperOptions): string {
    const at = this.#enter(frame, site);
    if (list instanceof Deferred) return "";
    if (list === undefined) {
      throw faults.RENDER_VALUE_MISSING({ site: at, keys: this.#origins.keysOf(frame) });
    }
    const memoized = this.#template.lists.get(site);
    if (!memoized || !Array.isArray(list) || list.length === 0) {
      return each(frame, list, options, this.#renderItem(site, options));
    }
    this.#tried.set(site, (this.#tried.get(site) ?? 0) + list.length);
    // The data frame is the one around the loop: a closed body does not use @index and the like.
    return memoized.render(list, (value) =>
      this.#attempt(new Frame(value, frame, list), site, (inner) =>
        options.fn(inner, { data: options.data, blockParams: [value] }),
      ),
    );
  }

  with(frame: Frame, value: unknown, site: number, options: Handlebars.HelperOptions): string {
    this.#enter(frame, site);
    return withValue(frame, value, options, this.#renderItem(site, options));
  }

  include(frame: Frame, value: unknown, site: number, hash: Readonly<Record<string, unknown>>) {
    this.#enter(frame, site);
    return partialContext(frame, value, hash);
  }

  #renderItem(site: number, options: Handlebars.HelperOptions): RenderItem {
    return (inner, args) => {
      this.#tried.set(site, (this.#tried.get(site) ?? 0) + 1);
      return this.#attempt(inner, site, (item) => options.fn(item, args)) ?? "";
    };
  }

  /**
   * Renders a block. Returns undefined where it is not whole: an entry in it cannot be rendered, or the address of a
   * name is not known yet. The rendering goes on, so that it finds all of these at once.
   */
  #attempt(frame: Frame, site: number, render: (frame: Frame) => string): string | undefined {
    const { length } = this.#rejected;
    const isFirst = this.#interruption === undefined;
    try {
      const text = render(frame);
      const isWhole = this.#rejected.length === length && !(isFirst && this.#interruption);
      return isWhole ? text : undefined;
    } catch (error) {
      // To go on would be to recurse again for the next item, which takes time without end.
      if (isStackOverflow(error)) throw error;
      if (error instanceof Unresolved) this.#interruption = error;
      else this.#reject(frame, site, this.#toFault(error));
      return undefined;
    }
  }

  #reject(frame: Frame, site: number, fault: Fault): void {
    const paths = this.#isolates ? this.#origins.pathsOf(frame) : [];
    if (paths.length === 0) throw fault;
    this.#rejected.push({ paths, fault, site });
  }

  /**
   * A value that the file cannot hold, text that is not JSON and a name without an address are faults of an entry. Any
   * other fault is one of the template if more than half of the items of a loop have it.
   */
  #faultOfTemplate(): Fault | undefined {
    const counts = new Map<number, number>();
    for (const { site, fault } of this.#rejected) {
      if (isOfValue(fault)) continue;
      const count = (counts.get(site) ?? 0) + 1;
      counts.set(site, count);
      if (count * 2 > (this.#tried.get(site) ?? 0)) return fault;
    }
    return undefined;
  }

  #enter(frame: Frame, site: number): Site {
    this.#site = site;
    this.#frame = frame;
    return this.#template.sites[site] as Site;
  }

  /** Any other error is one that JavaScript or Handlebars has with a value, such as a stack that is too deep. */
  #toFault(error: unknown): Fault {
    if (error instanceof Fault) return error;
    const problem = error instanceof Error ? error.message : String(error);
    const site = this.#template.sites[this.#site ?? -1];
    const keys = this.#origins.keysOf(this.#frame);
    return faults.RENDER_FAILED({ template: this.#template.name, site, problem, keys });
  }
}

/** The value around the template. */
function rootOf({ services, reads }: RenderContext): object {
  return {
    get services() {
      reads?.allServices();
      return services;
    },
  };
}

function isOfValue({ code, cause }: Fault): boolean {
  const codes = ["RENDER_UNSAFE", "RENDER_LOOKUP_FAILED"];
  return codes.includes(code) || cause instanceof UnusableValue;
}
