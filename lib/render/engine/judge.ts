import type { Helpers } from "../helpers/contract.ts";
import type { Prefixes } from "../prefixes.ts";
import { type Finding, Findings, siteOf } from "./findings.ts";
import { resultKind, rootKind, type ValueKind } from "./kinds-of-values.ts";
import { innerKind, memberKind, type Sight, startOf } from "./sight.ts";
import { type Argument, trialContext, tryCall } from "./trial-calls.ts";
import {
  argumentsOf,
  type Call,
  type Expression,
  isCall,
  isPath,
  isThis,
  parametersOf,
  soleName,
} from "./walk.ts";

/** A parsed template or partial. */
export interface Parsed {
  readonly name: string;
  readonly program: hbs.AST.Program;
}

/** The rules that a template is judged by. */
export interface Judging {
  readonly helpers: Helpers;
  readonly partials: ReadonlyMap<string, Parsed>;
  readonly prefixes: Prefixes;
  /** The folder of the services; false if all of them have folders of their own. */
  readonly services: string | false;
  /** The folders of the services that have folders of their own, by name. */
  readonly sources?: ReadonlyMap<string, readonly string[]>;
}

/**
 * Finds what fails whatever the keyspace has: calls of helpers with arguments that they never accept, keys and services
 * outside of the prefixes, and names that no value has. A template may still be in use with such a place, which is perhaps
 * never rendered: so these are findings and no reason to refuse it.
 */
export function judge(main: Parsed, judging: Judging): readonly Finding[] {
  const judge = new Judge(judging);
  judge.program(main.program, main.name, { frames: [rootKind], names: new Map(), within: [] });
  return judge.findings.all;
}

class Judge {
  readonly findings = new Findings();
  readonly #judging: Judging;
  readonly #context: ReturnType<typeof trialContext>;

  constructor(judging: Judging) {
    this.#judging = judging;
    this.#context = trialContext(judging.prefixes);
  }

  program(program: hbs.AST.Program | undefined, template: string, sight: Sight): void {
    for (const statement of program?.body ?? []) {
      if (statement.type === "MustacheStatement") {
        this.#call(statement as hbs.AST.MustacheStatement, template, sight);
      } else if (statement.type === "BlockStatement") {
        this.#block(statement as hbs.AST.BlockStatement, template, sight);
      } else if (statement.type === "PartialStatement") {
        this.#partial(statement as hbs.AST.PartialStatement, template, sight);
      }
    }
  }

  #block(block: hbs.AST.BlockStatement, template: string, sight: Sight): void {
    const kinds = argumentsOf(block).map((one) => this.#expression(one, template, sight).kind);
    const [subject] = block.params;
    const inner = innerKind(soleName(block.path), kinds[0]);
    const isSame = subject === undefined || isThis(subject);
    const parameters = parametersOf(block.program).map(
      (name, i) => [name, i === 0 ? inner?.kind : undefined] as const,
    );
    const names = new Map([...sight.names, ...parameters]);
    const opensFrame = inner !== undefined && !(isSame && soleName(block.path) === "with");
    const frames = opensFrame ? [...sight.frames, inner.kind] : sight.frames;
    this.program(block.program, template, { ...sight, frames, names });
    this.program(block.inverse, template, sight);
  }

  /** A partial is judged in the context of each place that includes it. */
  #partial(partial: hbs.AST.PartialStatement, template: string, sight: Sight): void {
    const [subject] = partial.params;
    const kinds = argumentsOf(partial).map((one) => this.#expression(one, template, sight).kind);
    const name = soleName(partial.name as Expression) ?? "";
    const included = this.#judging.partials.get(name);
    if (!included || sight.within.includes(name)) return;
    const hasMore = (partial.hash?.pairs ?? []).length > 0;
    const kind = hasMore ? undefined : subject ? kinds[0] : sight.frames.at(-1);
    this.program(included.program, included.name, {
      frames: [kind],
      names: new Map(),
      within: [...sight.within, name],
    });
  }

  /** A call of a helper, or a value. */
  #call(call: Call, template: string, sight: Sight): Judged {
    const { helpers } = this.#judging;
    const path = call.path as Expression;
    const name = soleName(path);
    const helper =
      name !== undefined && Object.hasOwn(helpers, name) && !sight.names.has(name)
        ? helpers[name]
        : undefined;
    const args = call.params.map((one) => this.#expression(one, template, sight));
    if (name === undefined || !helper) {
      const isValue = args.length === 0 && isPath(path);
      return isValue
        ? this.#value(path, template, sight, call)
        : { kind: resultKind(name ?? "", args[0]?.kind), argument: "unknown" };
    }
    const kind = resultKind(name, args[0]?.kind);
    const values = args.map(({ argument }) => argument);
    const trial = tryCall(helper, values, this.#context);
    const problem = "problem" in trial ? trial.problem : this.#hiddenService(name, values[0]);
    if (problem !== undefined) this.findings.failing(siteOf(call, template), name, problem);
    return { kind, argument: "result" in trial ? trial.result : "unknown" };
  }

  /** Why there are never instances of a service that the template names. */
  #hiddenService(helper: string, service: Argument | undefined): string | undefined {
    const { prefixes, services, sources } = this.#judging;
    if (helper !== "instances" || service === undefined || service === "unknown") return undefined;
    const name = String(service.value);
    const own = services === false ? undefined : [`${services}/${name}`];
    const folders = sources?.get(name) ?? own;
    if (!folders) return "watch.services is false, and watch.sources has no service of this name";
    const folder = folders.find((one) => !prefixes.includes(one));
    if (folder === undefined) return undefined;
    return `${folder} is outside of the prefixes of this template (${prefixes})`;
  }

  #expression(expression: Expression, template: string, sight: Sight): Judged {
    if (isCall(expression)) return this.#call(expression, template, sight);
    if (isPath(expression)) return this.#value(expression, template, sight);
    const value =
      "value" in expression
        ? expression.value
        : expression.type === "NullLiteral"
          ? null
          : undefined;
    return { kind: undefined, argument: { value } };
  }

  /** `node` is the whole of `{{path}}`, where the path is not an argument. */
  #value(
    path: hbs.AST.PathExpression,
    template: string,
    sight: Sight,
    node: hbs.AST.Node = path,
  ): Judged {
    const start = startOf(path, sight);
    if (!start) return unknown;
    let { kind } = start;
    for (const member of start.members) {
      if (kind && "members" in kind && !Object.hasOwn(kind.members, member)) {
        const known = Object.keys(kind.members);
        // A single name may also be meant for a helper.
        const helpers = path.parts.length === 1 ? Object.keys(this.#judging.helpers) : [];
        this.findings.unknownValue(siteOf(node, template, member), [...known, ...helpers]);
        return unknown;
      }
      kind = memberKind(kind, member);
    }
    if (start.kind === rootKind && start.members[0] === "services") {
      this.#assertServices(path, template);
    }
    return { kind, argument: "unknown" };
  }

  #assertServices(path: hbs.AST.PathExpression, template: string): void {
    const { prefixes, services, sources = new Map() } = this.#judging;
    if (services !== false && prefixes.seesServices(services)) return;
    const isVisible = (folders: readonly string[]) =>
      folders.every((one) => prefixes.includes(one));
    if ([...sources.values()].some(isVisible)) return;
    const where = `${services || "each source"} is outside of the prefixes of this template (${prefixes})`;
    const problem = `services is always empty: ${where}`;
    this.findings.failing(siteOf(path, template), path.original, problem);
  }
}

interface Judged {
  readonly kind: ValueKind;
  readonly argument: Argument;
}

const unknown: Judged = { kind: undefined, argument: "unknown" };
