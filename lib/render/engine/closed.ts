import { argumentsOf, type Expression, isCall, isPath, parametersOf, soleName } from "./walk.ts";

/** What the analysis knows of the helpers and partials of a template. */
export interface Vocabulary {
  /** Helpers whose result depends on their arguments alone. */
  readonly pure: ReadonlySet<string>;
  readonly helpers: ReadonlySet<string>;
  readonly partials: ReadonlyMap<string, hbs.AST.Program>;
}

interface Inside {
  readonly vocabulary: Vocabulary;
  /** How many `../` lead no further than to the item itself. */
  readonly depth: number;
  /** How many enclosing loops of the body give `@index`, `@key`, `@first` and `@last` their meaning. */
  readonly loops: number;
  /** Names given by block parameters inside the body. */
  readonly own: ReadonlySet<string>;
  /** Names given by block parameters around the body. */
  readonly foreign: ReadonlySet<string>;
}

/**
 * Whether the body of an `{{#each}}` depends on nothing but the item: then an item that is the same as
 * the last time has the same text as the last time. `foreign` are the block parameters around it. When in
 * doubt the answer is no, which costs speed but never a wrong text.
 */
export function isClosed(
  body: hbs.AST.Program,
  foreign: ReadonlySet<string>,
  vocabulary: Vocabulary,
): boolean {
  const [item, ...position] = parametersOf(body);
  const own = new Set(item === undefined ? [] : [item]);
  return closed(body, {
    vocabulary,
    depth: 0,
    loops: 0,
    own,
    foreign: new Set([...foreign, ...position]),
  });
}

function closed(program: hbs.AST.Program | undefined, inside: Inside): boolean {
  return !program || program.body.every((statement) => closedStatement(statement, inside));
}

function closedStatement(statement: hbs.AST.Statement, inside: Inside): boolean {
  switch (statement.type) {
    case "ContentStatement":
    case "CommentStatement":
      return true;
    case "MustacheStatement":
      return closedCall(statement as hbs.AST.MustacheStatement, inside);
    case "BlockStatement":
      return closedBlock(statement as hbs.AST.BlockStatement, inside);
    case "PartialStatement":
      return closedPartial(statement as hbs.AST.PartialStatement, inside);
    default:
      return false;
  }
}

function closedBlock(block: hbs.AST.BlockStatement, inside: Inside): boolean {
  if (!closedCall(block, inside)) return false;
  const names = parametersOf(block.program);
  const isLoop = soleName(block.path) === "each";
  const body: Inside = {
    ...inside,
    own: new Set([...inside.own, ...names]),
    depth: inside.depth + (isLoop ? 1 : 0),
    loops: inside.loops + (isLoop ? 1 : 0),
  };
  return closed(block.program, body) && closed(block.inverse, inside);
}

function closedPartial(partial: hbs.AST.PartialStatement, inside: Inside): boolean {
  const name = soleName(partial.name as Expression);
  const program = name === undefined ? undefined : inside.vocabulary.partials.get(name);
  if (!program || !argumentsOf(partial).every((argument) => closedValue(argument, inside))) {
    return false;
  }
  // A partial sees its context alone. That it might include itself is left to the slow way.
  const partials = new Map(inside.vocabulary.partials);
  partials.delete(name as string);
  const nothing = new Set<string>();
  return closed(program, {
    vocabulary: { ...inside.vocabulary, partials },
    depth: 0,
    loops: 0,
    own: nothing,
    foreign: nothing,
  });
}

function closedCall(
  call: hbs.AST.MustacheStatement | hbs.AST.BlockStatement | hbs.AST.SubExpression,
  inside: Inside,
): boolean {
  const name = soleName(call.path as Expression);
  const isHelper = name !== undefined && inside.vocabulary.helpers.has(name);
  if (isHelper && !inside.vocabulary.pure.has(name)) return false;
  if (!isHelper && !closedValue(call.path as Expression, inside)) return false;
  return argumentsOf(call).every((argument) => closedValue(argument, inside));
}

function closedValue(value: Expression, inside: Inside): boolean {
  if (isCall(value)) return closedCall(value, inside);
  if (!isPath(value)) return true;
  if (value.data) return inside.loops > 0 && /^@(index|key|first|last)$/.test(value.original);
  if (value.depth > inside.depth) return false;
  const head = String(value.parts[0] ?? "");
  return inside.own.has(head) || !inside.foreign.has(head);
}
