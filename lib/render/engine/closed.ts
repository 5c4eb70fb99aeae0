import {
  argumentsOf,
  type Call,
  type Expression,
  isCall,
  isPath,
  parametersOf,
  soleName,
} from "./walk.ts";

/** The helpers and partials that a template can use. */
export interface Vocabulary {
  /** The pure helpers: their result depends on their arguments alone. */
  readonly pure: ReadonlySet<string>;
  readonly helpers: ReadonlySet<string>;
  readonly partials: ReadonlyMap<string, hbs.AST.Program>;
}

/** The names in scope at a place within the body of a loop. */
interface Scope {
  readonly vocabulary: Vocabulary;
  /** The largest number of `../` in a path that does not leave the item. */
  readonly depth: number;
  /** The number of loops around the place that are within the body, and to which `@index` and the like belong. */
  readonly loops: number;
  /** The block parameters of the item, and of blocks within the body. */
  readonly bound: ReadonlySet<string>;
  /** The block parameters of blocks around the body, and of its position in the list. */
  readonly outer: ReadonlySet<string>;
}

/**
 * Whether the body of an `{{#each}}` depends on the item alone, so that an unchanged item has an unchanged text.
 * `outer` are the block parameters in scope around the loop. In doubt the result is false, which costs speed and
 * never gives a wrong text.
 */
export function isClosed(
  body: hbs.AST.Program,
  outer: ReadonlySet<string>,
  vocabulary: Vocabulary,
): boolean {
  const [item, ...position] = parametersOf(body);
  const bound = new Set(item === undefined ? [] : [item]);
  return isClosedProgram(body, {
    vocabulary,
    depth: 0,
    loops: 0,
    bound,
    outer: new Set([...outer, ...position]),
  });
}

function isClosedProgram(program: hbs.AST.Program | undefined, scope: Scope): boolean {
  return !program || program.body.every((statement) => isClosedStatement(statement, scope));
}

function isClosedStatement(statement: hbs.AST.Statement, scope: Scope): boolean {
  switch (statement.type) {
    case "ContentStatement":
    case "CommentStatement":
      return true;
    case "MustacheStatement":
      return isClosedCall(statement as hbs.AST.MustacheStatement, scope);
    case "BlockStatement":
      return isClosedBlock(statement as hbs.AST.BlockStatement, scope);
    case "PartialStatement":
      return isClosedPartial(statement as hbs.AST.PartialStatement, scope);
    default:
      return false;
  }
}

function isClosedBlock(block: hbs.AST.BlockStatement, scope: Scope): boolean {
  if (!isClosedCall(block, scope)) return false;
  const names = parametersOf(block.program);
  const isLoop = soleName(block.path) === "each";
  const body: Scope = {
    ...scope,
    bound: new Set([...scope.bound, ...names]),
    depth: scope.depth + (isLoop ? 1 : 0),
    loops: scope.loops + (isLoop ? 1 : 0),
  };
  return isClosedProgram(block.program, body) && isClosedProgram(block.inverse, scope);
}

function isClosedPartial(partial: hbs.AST.PartialStatement, scope: Scope): boolean {
  const name = soleName(partial.name as Expression);
  const program = name === undefined ? undefined : scope.vocabulary.partials.get(name);
  if (!program || !argumentsOf(partial).every((argument) => isClosedValue(argument, scope))) {
    return false;
  }
  // A partial sees its context alone. A partial that includes itself does not count as closed.
  const partials = new Map(scope.vocabulary.partials);
  partials.delete(name as string);
  const empty = new Set<string>();
  return isClosedProgram(program, {
    vocabulary: { ...scope.vocabulary, partials },
    depth: 0,
    loops: 0,
    bound: empty,
    outer: empty,
  });
}

function isClosedCall(call: Call, scope: Scope): boolean {
  const name = soleName(call.path as Expression);
  const isHelper = name !== undefined && scope.vocabulary.helpers.has(name);
  if (isHelper && !scope.vocabulary.pure.has(name)) return false;
  if (!isHelper && !isClosedValue(call.path as Expression, scope)) return false;
  return argumentsOf(call).every((argument) => isClosedValue(argument, scope));
}

function isClosedValue(value: Expression, scope: Scope): boolean {
  if (isCall(value)) return isClosedCall(value, scope);
  if (!isPath(value)) return true;
  if (value.data) return scope.loops > 0 && /^@(index|key|first|last)$/.test(value.original);
  if (value.depth > scope.depth) return false;
  const head = String(value.parts[0] ?? "");
  return scope.bound.has(head) || !scope.outer.has(head);
}
