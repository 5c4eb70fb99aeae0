import { Fault } from "../../base/fault.ts";
import { hidden } from "../../base/secret.ts";
import type { Site } from "../contract.ts";
import { faults } from "../faults.ts";
import { withoutValues } from "../helpers/arguments.ts";
import {
  Deferred,
  type Helper,
  HelperError,
  type RenderContext,
  Unresolvable,
  Unresolved,
  UnusableValue,
} from "../helpers/contract.ts";
import { deferredMark } from "./defer.ts";
import type { Frame } from "./frames.ts";
import type { Origins } from "./origins.ts";
import type { SecretValues } from "./secret-values.ts";

/** A helper that a template calls. */
export interface Called {
  /** One that begins with `@` is inserted, and no message has it. */
  readonly name: string;
  readonly run: Helper["run"];
  /** Whether its result comes from the same keys as the arguments. False where the frames show that already. */
  readonly isTraced: boolean;
}

/** What Handlebars hands to a helper besides its arguments. */
export interface CallOptions {
  readonly hash: Readonly<Record<string, unknown>>;
  readonly loc: hbs.AST.SourceLocation;
}

/** Calls helpers for one rendering. */
export class HelperCalls {
  readonly #template: string;
  readonly #context: RenderContext;
  readonly #origins: Origins;
  readonly #secrets: SecretValues;

  constructor(template: string, context: RenderContext, origins: Origins, secrets: SecretValues) {
    this.#template = template;
    this.#context = context;
    this.#origins = origins;
    this.#secrets = secrets;
  }

  /**
   * Throws a RENDER_ fault, or Unresolved. A call in an argument of `and` or `or` that is perhaps not needed returns Deferred
   * instead.
   */
  call(frame: Frame, helper: Called, args: readonly unknown[], options: CallOptions): unknown {
    if (options.hash[deferredMark] !== true) return this.#call(frame, helper, args, options);
    const before = isLogic(helper) ? undefined : args.find((one) => one instanceof Deferred);
    if (before) return before;
    try {
      return this.#call(frame, helper, args, options);
    } catch (error) {
      if (isStackOverflow(error)) throw error;
      return new Deferred(error);
    }
  }

  #call(frame: Frame, helper: Called, args: readonly unknown[], { loc }: CallOptions): unknown {
    try {
      if (!helper.isTraced) return helper.run(args, this.#context);
      const result = this.#origins.trace(args, () => helper.run(args, this.#context));
      this.#secrets.derive(args, result);
      return result;
    } catch (error) {
      const isOwn = error instanceof Fault || error instanceof Unresolved;
      if (isOwn || isStackOverflow(error)) throw error;
      throw this.#fault(frame, helper.name, args, this.#siteOf(loc), error);
    }
  }

  #siteOf({ source, start: { line, column } }: hbs.AST.SourceLocation): Site {
    return { template: source ?? this.#template, line, column: column + 1, text: "" };
  }

  #fault(frame: Frame, name: string, args: readonly unknown[], at: Site, error: unknown): Fault {
    const known = this.#origins.keysOfArguments(args);
    const keys = known.length > 0 ? known : this.#origins.keysOf(frame);
    const isSecret = this.#secrets.include(args, at, keys);
    const { template, line, column } = at;
    if (error instanceof Unresolvable) {
      const [host, cause] = isSecret ? [hidden] : [error.host, error.cause];
      return faults.RENDER_LOOKUP_FAILED({ name: host, template, site: at, keys }, cause);
    }
    const message = error instanceof Error ? error.message : String(error);
    const problem = isSecret ? withoutValues(message) : message;
    const helper = name.startsWith("@") ? "" : name;
    const detail = { template, line, column, helper, problem, keys };
    return faults.RENDER_HELPER_FAILED(detail, causeOf(error, problem));
  }
}

/** These throw the faults that their arguments have deferred, as far as they come to them. */
function isLogic({ name }: Called): boolean {
  return name === "and" || name === "or";
}

/** The cause of a helper's fault keeps its type, by which faults of a value are recognized. */
function causeOf(error: unknown, problem: string): HelperError | undefined {
  if (error instanceof UnusableValue) return new UnusableValue(problem);
  return error instanceof HelperError ? new HelperError(problem) : undefined;
}

/** Partials include each other without an end. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes("call stack");
}
