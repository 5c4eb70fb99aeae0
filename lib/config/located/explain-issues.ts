import type { z } from "zod";
import { nearest } from "../../base/nearest.ts";
import { describeExpectation } from "./describe-expectation.ts";
import type { Problem } from "./problem.ts";
import { redact } from "./redact.ts";
import { keysOf, type Shape, type SingleShape, shapesAt } from "./shape.ts";
import {
  formatPath,
  keyPositionAt,
  nodeAt,
  type ObjectNode,
  type Path,
  plainValue,
  positionAt,
} from "./tree.ts";

type Issue = z.core.$ZodIssue;

/** Turns the issues of a failed validation into problems: one sentence and a position for each. */
export function explainIssues(
  issues: readonly Issue[],
  root: ObjectNode,
  shape: Shape,
): readonly Problem[] {
  const value = plainValue(root);
  const problemsOf = (issue: Issue, around: Path): readonly Problem[] => {
    const path = [...around, ...(issue.path as Path)];
    if (issue.code === "unrecognized_keys") {
      const known = keysOf(shapesAt(shape, value, path));
      return issue.keys.map((key) => unknownKey([...path, key], known, root));
    }
    if (issue.code === "invalid_union" && !isCustom(issue.message)) {
      const branch = intendedBranch(issue.errors, nodeAt(root, path));
      if (branch) return branch.flatMap((inner) => problemsOf(inner, path));
    }
    const expected = expectationOf(issue, shapesAt(shape, value, path));
    return [{ position: positionAt(root, path), message: messageFor(path, root, expected) }];
  };
  return issues.flatMap((issue) => problemsOf(issue, []));
}

function unknownKey(path: Path, known: readonly string[], root: ObjectNode): Problem {
  const guess = nearest(String(path.at(-1)), known);
  const hint = guess ? `did you mean ${guess}?` : `expected one of ${known.join(", ")}`;
  return {
    position: keyPositionAt(root, path),
    message: `${formatPath(path)} is not known here: ${hint}`,
  };
}

function messageFor(path: Path, root: ObjectNode, expected: string): string {
  const name = formatPath(path);
  const node = nodeAt(root, path);
  if (!node) return `${name} is missing: ${expected}`;
  if (node.kind === "object") return `${name}: ${expected}`;
  const value = redact(node, path);
  return value === undefined
    ? `${name} is invalid: ${expected}`
    : `${name} is ${value}: ${expected}`;
}

/** The issues of the member of a union that the value is meant to be; undefined where several members are possible. */
function intendedBranch(
  branches: readonly (readonly Issue[])[],
  value: unknown,
): readonly Issue[] | undefined {
  if (value === undefined) return undefined;
  const possible = branches.filter((issues) => !issues.some(isTypeMismatch));
  const ofSameKind = possible.filter((issues) => !issues.some(isKindMismatch));
  return ofSameKind[0] ?? (possible.length === 1 ? possible[0] : undefined);
}

/** The whole value has another JSON type. */
function isTypeMismatch({ code, path }: Issue): boolean {
  return code === "invalid_type" && path.length === 0;
}

/** The object's `type` names another kind. */
function isKindMismatch({ code, path }: Issue): boolean {
  const isChoice = code === "invalid_value" || code === "invalid_union";
  return isChoice && path.length === 1 && path[0] === "type";
}

/** Whether the message was written in the schema, and is not the library's default. */
function isCustom(message: string): boolean {
  return !/^(Invalid|Too (big|small)|Unrecognized)/.test(message);
}

function expectationOf(issue: Issue, shapes: readonly SingleShape[]): string {
  const key = issue.code === "invalid_key" ? issue.issues[0] : undefined;
  const message = key?.message ?? issue.message;
  if (isCustom(message)) return message;
  switch (issue.code) {
    case "invalid_value":
      return oneOf(issue.values);
    case "invalid_union":
      return "options" in issue && issue.options
        ? oneOf(issue.options as readonly unknown[])
        : `expected ${describeExpectation(shapes)}`;
    case "too_small":
      return `expected ${Number(issue.minimum)} or more${unitOf(issue.origin)}`;
    case "too_big":
      return `expected ${Number(issue.maximum)} or less${unitOf(issue.origin)}`;
    case "invalid_format":
      return `expected a string ${issue.pattern ? `that matches ${issue.pattern}` : `such as ${issue.format}`}`;
    case "invalid_type":
      return `expected ${describeExpectation(shapes)}`;
    default:
      return message.charAt(0).toLowerCase() + message.slice(1);
  }
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? `expected ${values[0]}` : `expected one of ${values.join(", ")}`;
}

/** The unit of a limit: characters of a string, items of a list, none for a number. */
function unitOf(origin: string): string {
  return origin === "string" ? " characters" : origin === "array" ? " items" : "";
}
