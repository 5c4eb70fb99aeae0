import type { Site } from "../contract.ts";
import type { Helpers } from "../helpers/contract.ts";
import type { Prefixes } from "../prefixes.ts";
import { type Finding, Findings, siteOf } from "./findings.ts";
import { inserted } from "./instrument.ts";
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
  /** The folder of the services. */
  readonly services: string;
  /** The kind of the result of a helper, by the kind of its first argument. */
  readonly resultKind?: typeof resultKind;
  /** The helpers that read the members of their first argument that the others name. */
  readonly memberReaders?: ReadonlySet<string>;
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
    const name = soleName(block.path);
    const inner = innerKind(name, kinds[0]);
    const isSame = subject === undefined || isThis(subject);
    const bound = name === inserted.let ? kinds[0] : inner?.kind;
    const parameters = parametersOf(block.program).map(
      (parameter, i) => [parameter, i === 0 ? bound : undefined] as const,
    );
    const names = new Map([...sight.names, ...parameters]);
    const opensFrame = inner !== undefined && !(isSame && name === "with");
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
      if (isValue) return this.#value(path, template, sight, call);
      const isReader = this.#judging.memberReaders?.has(name ?? "") ?? false;
      return isReader ? this.#read(args, call, template) : this.#resultOf(name ?? "", args);
    }
    const { kind } = this.#resultOf(name, args);
    const values = args.map(({ argument }) => argument);
    const trial = tryCall(helper, values, this.#context);
    const problem = "problem" in trial ? trial.problem : this.#hiddenService(name, values[0]);
    if (problem !== undefined) this.findings.failing(siteOf(call, template), name, problem);
    return { kind, argument: "result" in trial ? trial.result : "unknown" };
  }

  #resultOf(helper: string, args: readonly Judged[]): Judged {
    const of = this.#judging.resultKind ?? resultKind;
    return { kind: of(helper, args[0]?.kind), argument: "unknown" };
  }

  #read([subject, ...names]: readonly Judged[], call: Call, template: string): Judged {
    const members = names.map(({ argument }) =>
      argument === "unknown" ? "" : String(argument.value),
    );
    return this.#members(subject?.kind, members, siteOf(call, template), []);
  }

  /** The members of a value, one within the other. Records one that the value does not have. */
  #members(
    from: ValueKind,
    names: readonly string[],
    at: Site,
    others: readonly string[],
    isKnown = false,
  ): Judged {
    let kind = from;
    for (const name of names) {
      const isMissing = kind && "members" in kind && !Object.hasOwn(kind.members, name);
      if (kind && "members" in kind && isMissing && !isKnown) {
        this.findings.unknownValue({ ...at, text: name }, [
          ...Object.keys(kind.members),
          ...others,
        ]);
        return unknown;
      }
      kind = memberKind(kind, name);
    }
    return { kind, argument: "unknown" };
  }

  /** Why there are never instances of a service that the template names. */
  #hiddenService(helper: string, service: Argument | undefined): string | undefined {
    const { prefixes, services } = this.#judging;
    if (helper !== "instances" || service === undefined || service === "unknown") return undefined;
    const folder = `${services}/${service.value}`;
    if (prefixes.includes(folder)) return undefined;
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
    // A single name may also be meant for a helper.
    const helpers = path.parts.length === 1 ? Object.keys(this.#judging.helpers) : [];
    // In a tree that was lowered, only members that are known to exist are part of a path.
    const isLowered = this.#judging.memberReaders !== undefined;
    const at = siteOf(node, template);
    const found = this.#members(start.kind, start.members, at, helpers, isLowered);
    if (start.kind === rootKind && start.members[0] === "services") {
      this.#assertServices(path, template);
    }
    return found;
  }

  #assertServices(path: hbs.AST.PathExpression, template: string): void {
    const { prefixes, services } = this.#judging;
    if (prefixes.seesServices(services)) return;
    const where = `${services} is outside of the prefixes of this template (${prefixes})`;
    const problem = `services is always empty: ${where}`;
    this.findings.failing(siteOf(path, template), path.original, problem);
  }
}

interface Judged {
  readonly kind: ValueKind;
  readonly argument: Argument;
}

const unknown: Judged = { kind: undefined, argument: "unknown" };
