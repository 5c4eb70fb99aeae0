import { type Expression, isCall } from "../../engine/walk.ts";
import type { Place } from "../syntax/mistakes.ts";
import type { NumberLiteral } from "../syntax/tree.ts";
import { internal } from "./internal.ts";

type Location = hbs.AST.SourceLocation;

/** Makes nodes of Handlebars' syntax tree, at offsets of a Go template. */
export class Nodes {
  readonly #template: string;
  readonly #text: string;
  readonly #placeOf: (offset: number) => Place;

  constructor(
    template: { readonly name: string; readonly text: string },
    placeOf: Nodes["placeOf"],
  ) {
    this.#template = template.name;
    this.#text = template.text;
    this.#placeOf = placeOf;
  }

  placeOf(offset: number): Place {
    return this.#placeOf(offset);
  }

  /** The source of an action that begins at an offset, for messages. */
  sourceAt(offset: number): string {
    const [action = ""] = this.#text.slice(offset).split("}}", 1);
    const inner = action.replace(/^\{\{(?:-(?=\s))?|\s-?$/g, "").trim();
    return inner.length > 60 ? `{{${inner.slice(0, 60)}…}}` : `{{${inner}}}`;
  }

  name(at: number, name: string): hbs.AST.PathExpression {
    const loc = this.#locationOf(at);
    return { type: "PathExpression", data: false, depth: 0, parts: [name], original: name, loc };
  }

  /** The member of a block parameter. */
  member(at: number, of: hbs.AST.PathExpression, name: string): hbs.AST.PathExpression {
    const parts = [...of.parts, name];
    return { ...this.name(at, ""), parts, original: parts.join(".") };
  }

  /** The context of a program. */
  context(at: number): hbs.AST.PathExpression {
    return { ...this.name(at, ""), parts: [], original: "this" };
  }

  literal(at: number, value: string | boolean | undefined | NumberLiteral): Expression {
    const loc = this.#locationOf(at);
    if (value === undefined) return { type: "UndefinedLiteral", loc };
    if (typeof value === "object") {
      if ("int" in value) {
        return { type: "NumberLiteral", value: value.int, original: value.int, loc } as Expression;
      }
      // As text: the code that Handlebars makes of numbers has no -0.
      const digits = Object.is(value.float, -0) ? "-0" : String(value.float);
      return this.call(at, internal.float, [this.literal(at, digits)]);
    }
    const type = typeof value === "string" ? "StringLiteral" : "BooleanLiteral";
    return { type, value, original: value, loc } as hbs.AST.Literal;
  }

  call(at: number, helper: string, params: readonly Expression[]): hbs.AST.SubExpression {
    const loc = this.#locationOf(at);
    const path = this.name(at, helper);
    return { type: "SubExpression", path, params: [...params], loc } as hbs.AST.SubExpression;
  }

  text(at: number, value: string): hbs.AST.ContentStatement {
    const loc = this.#locationOf(at);
    const node = { type: "ContentStatement", value, original: value, loc };
    return node as unknown as hbs.AST.ContentStatement;
  }

  /** Writes the value of an expression; `isChecked` against the format of the file. `from` is the offset of the action. */
  output(from: number, value: Expression, isChecked = true): hbs.AST.MustacheStatement {
    const called = isCall(value) ? { ...value, calledAt: value.loc } : { path: value, params: [] };
    const node = {
      ...{ type: "MustacheStatement", ...called, escaped: isChecked, strip: plain },
      ...{ loc: this.#locationOf(from), source: this.sourceAt(from) },
    };
    return { ...node, type: "MustacheStatement" } as unknown as hbs.AST.MustacheStatement;
  }

  block(
    at: number,
    helper: string,
    subject: Expression,
    body: hbs.AST.Program,
    inverse?: hbs.AST.Program,
  ): hbs.AST.BlockStatement {
    const node = {
      ...{ type: "BlockStatement", path: this.name(at, helper), params: [subject] },
      ...{ program: body, inverse, loc: this.#locationOf(at), source: this.sourceAt(at) },
      ...{ openStrip: plain, inverseStrip: plain, closeStrip: plain },
    };
    return node as unknown as hbs.AST.BlockStatement;
  }

  partial(at: number, name: string, context: Expression): hbs.AST.PartialStatement {
    const node = {
      ...{ type: "PartialStatement", name: this.name(at, name), params: [context], indent: "" },
      ...{ strip: plain, loc: this.#locationOf(at) },
    };
    return node as unknown as hbs.AST.PartialStatement;
  }

  program(
    body: readonly hbs.AST.Statement[],
    blockParams: readonly string[] = [],
  ): hbs.AST.Program {
    const loc = this.#locationOf(0);
    const program = { type: "Program", body: [...body], blockParams: [...blockParams], loc };
    return { ...program, strip: plain } as hbs.AST.Program;
  }

  #locationOf(offset: number): Location {
    const { line, column } = this.#placeOf(offset);
    const start = { line, column: column - 1 };
    return { source: this.#template, start, end: start };
  }
}

/** No white space is removed around the node: that was done when the template was cut into tokens. */
const plain: hbs.AST.StripFlags = { open: false, close: false };
