import type { Site } from "../contract.ts";
import { isClosed, type Vocabulary } from "./closed.ts";
import { valueMember } from "./frames.ts";
import {
  argumentsOf,
  type Expression,
  isCall,
  isPath,
  isThis,
  type Lowered,
  parametersOf,
  soleName,
} from "./walk.ts";

/** The helpers that instrumentation inserts. Their names are not valid in a template. */
export const inserted = {
  checked: "@checked",
  raw: "@raw",
  each: "@each",
  with: "@with",
  include: "@include",
  let: "@let",
  composed: "@composed",
} as const;

const helperOf = {
  ...{ each: inserted.each, with: inserted.with, [inserted.composed]: inserted.composed },
} as const;

/** The numbered sites of a template and its partials. */
export interface Instrumented {
  readonly sites: Site[];
  /** The sites of the loops with a body that depends on the item alone: the text of their items can be reused. */
  readonly closed: Set<number>;
}

/**
 * Rewrites a template so that every value passes through an inserted helper, with the number of its site, and is read
 * from the frame of its context: `{{x}}` becomes `{{{@checked value.x 7}}}`, `{{{x}}}` becomes `{{{@raw value.x 7}}}`,
 * `{{#each list}}` becomes `{{#@each value.list 8}}`, and `{{> part x}}` becomes `{{> part (@include value.x 9)}}`.
 * Changes the syntax tree in place; its form is part of Handlebars' public interface.
 */
export function instrument(
  program: hbs.AST.Program,
  template: string,
  vocabulary: Vocabulary,
  found: Instrumented,
): void {
  new Instrumenter(template, vocabulary, found).program(program, new Set());
}

class Instrumenter {
  readonly #template: string;
  readonly #vocabulary: Vocabulary;
  readonly #found: Instrumented;

  constructor(template: string, vocabulary: Vocabulary, found: Instrumented) {
    this.#template = template;
    this.#vocabulary = vocabulary;
    this.#found = found;
  }

  /** `names` are the block parameters in scope. */
  program(program: hbs.AST.Program | undefined, names: ReadonlySet<string>): void {
    for (const statement of program?.body ?? []) {
      if (statement.type === "MustacheStatement") {
        this.#value(statement as hbs.AST.MustacheStatement, names);
      } else if (statement.type === "BlockStatement") {
        this.#block(statement as hbs.AST.BlockStatement, names);
      } else if (statement.type === "PartialStatement") {
        this.#partial(statement as hbs.AST.PartialStatement, names);
      }
    }
  }

  #value(statement: hbs.AST.MustacheStatement, names: ReadonlySet<string>): void {
    const path = statement.path as Expression;
    const name = soleName(path);
    const isHelper = name !== undefined && this.#vocabulary.helpers.has(name);
    const written = statement.escaped ? `{{${sourceText(path)}}}` : `{{{${sourceText(path)}}}}`;
    const text = (statement as Lowered).source ?? written;
    const subject = isHelper ? subExpression(statement) : path;
    readFromFrames(subject, names);
    const site = this.#number(statement, text);
    const helper = statement.escaped ? inserted.checked : inserted.raw;
    Object.assign(statement, call(statement, helper, [subject, literal(statement, site)]));
    statement.escaped = false;
  }

  #block(statement: hbs.AST.BlockStatement, names: ReadonlySet<string>): void {
    const inner = new Set([...names, ...parametersOf(statement.program)]);
    const name = soleName(statement.path);
    const [subject] = statement.params;
    const text = (statement as Lowered).source ?? (subject ? sourceText(subject) : "");
    const isClosedLoop = name === "each" && isClosed(statement.program, names, this.#vocabulary);
    // The frame itself stands for `this`: then the block has the same context, and not an equal one.
    const isSame = name === "with" && subject !== undefined && isThis(subject);
    for (const argument of argumentsOf(statement)) {
      if (!isSame) readFromFrames(argument, names);
    }
    if (name === "each" || name === "with" || name === inserted.composed) {
      const site = this.#number(statement, text);
      if (isClosedLoop) this.#found.closed.add(site);
      const params = [...statement.params, literal(statement, site)];
      Object.assign(statement, call(statement, helperOf[name], params));
    }
    this.program(statement.program, inner);
    this.program(statement.inverse, names);
  }

  #partial(statement: hbs.AST.PartialStatement, names: ReadonlySet<string>): void {
    const [context = thisPath(statement)] = statement.params;
    const { hash } = statement;
    const text = `{{> ${sourceText(statement.name as Expression)}}}`;
    for (const argument of [context, ...(hash?.pairs ?? []).map(({ value }) => value)]) {
      if (!isThis(argument) || argument !== context) readFromFrames(argument, names);
    }
    const site = literal(statement, this.#number(statement, text));
    const frame = {
      ...{ type: "SubExpression", loc: statement.loc, hash },
      ...call(statement, inserted.include, [context, site]),
    };
    Object.assign(statement, { params: [frame], hash: undefined });
  }

  #number({ loc }: hbs.AST.Node, text: string): number {
    const { line, column } = loc.start;
    return this.#found.sites.push({ template: this.#template, line, column: column + 1, text }) - 1;
  }
}

/** Makes the paths of an expression lead through the frame of their context: it is the context for Handlebars. */
function readFromFrames(expression: Expression, names: ReadonlySet<string>): void {
  if (isCall(expression)) {
    for (const argument of argumentsOf(expression)) readFromFrames(argument, names);
  }
  if (!isPath(expression) || expression.data || isBlockParameter(expression, names)) return;
  // A path that begins with "this" is never one of block parameters.
  const original = `this.${valueMember}`;
  Object.assign(expression, { parts: [valueMember, ...expression.parts], original });
}

function isBlockParameter(path: hbs.AST.PathExpression, names: ReadonlySet<string>): boolean {
  const isScoped = /^(\.|this\b)/.test(path.original);
  return path.depth === 0 && !isScoped && names.has(String(path.parts[0]));
}

function thisPath({ loc }: hbs.AST.Node): hbs.AST.PathExpression {
  return { type: "PathExpression", data: false, depth: 0, parts: [], original: "this", loc };
}

function sourceText(node: Expression): string {
  if (isPath(node)) return node.original;
  return "original" in node ? String(node.original) : "(…)";
}

function subExpression(statement: hbs.AST.MustacheStatement): hbs.AST.SubExpression {
  const { path, params, hash } = statement;
  const loc = (statement as Lowered).calledAt ?? statement.loc;
  return { type: "SubExpression", path: path as hbs.AST.PathExpression, params, hash, loc };
}

function call(node: hbs.AST.Node, helper: string, params: readonly Expression[]) {
  const path: hbs.AST.PathExpression = {
    type: "PathExpression",
    data: false,
    depth: 0,
    parts: [helper],
    original: helper,
    loc: node.loc,
  };
  return { path, params: [...params] };
}

function literal(node: hbs.AST.Node, value: number): hbs.AST.NumberLiteral {
  return { type: "NumberLiteral", value, original: value, loc: node.loc };
}
