import type { z } from "zod";
import { nearest } from "../../base/nearest.ts";
import { describeExpectation } from "./expectation.ts";
import type { Problem } from "./problem.ts";
import { redact } from "./redact.ts";
import { keysOf, type One, type Shape, shapesAt } from "./shape.ts";
import { find, keyMarkAt, markAt, type ObjectNode, type Path, pathText, plain } from "./tree.ts";

type Issue = z.core.$ZodIssue;

/** What the schema has to say about a configuration, as sentences with their places. */
export function explain(
  issues: readonly Issue[],
  section: ObjectNode,
  shape: Shape,
): readonly Problem[] {
  const value = plain(section);
  const about = (issue: Issue, around: Path): readonly Problem[] => {
    const path = [...around, ...(issue.path as Path)];
    if (issue.code === "unrecognized_keys") {
      const known = keysOf(shapesAt(shape, value, path));
      return issue.keys.map((key) => unknownKey([...path, key], known, section));
    }
    if (issue.code === "invalid_union" && !isOurs(issue.message)) {
      const meant = likeliest(issue.errors, find(section, path)?.kind);
      if (meant) return meant.flatMap((inner) => about(inner, path));
    }
    const expected = expectation(issue, shapesAt(shape, value, path));
    return [{ mark: markAt(section, path), message: complaint(path, section, expected) }];
  };
  return issues.flatMap((issue) => about(issue, []));
}

function unknownKey(path: Path, known: readonly string[], section: ObjectNode): Problem {
  const guess = nearest(String(path.at(-1)), known);
  const hint = guess ? `did you mean ${guess}?` : `expected one of ${known.join(", ")}`;
  return {
    mark: keyMarkAt(section, path),
    message: `${pathText(path)} is not known here: ${hint}`,
  };
}

function complaint(path: Path, section: ObjectNode, expected: string): string {
  const name = pathText(path);
  const found = find(section, path);
  if (!found) return `${name} is missing: ${expected}`;
  if (found.kind === "section") return `${name}: ${expected}`;
  const what = redact(found, path);
  return what === undefined ? `${name} is wrong: ${expected}` : `${name} is ${what}: ${expected}`;
}

/** What the member of a union that was meant has to say; undefined where no member is plainly meant. */
function likeliest(
  branches: readonly (readonly Issue[])[],
  found: string | undefined,
): readonly Issue[] | undefined {
  if (found === undefined) return undefined;
  const possible = branches.filter((issues) => !issues.some(isOfAnotherType));
  const ofThisKind = possible.filter((issues) => !issues.some(isOfAnotherKind));
  return ofThisKind[0] ?? (possible.length === 1 ? possible[0] : undefined);
}

function isOfAnotherType({ code, path }: Issue): boolean {
  return code === "invalid_type" && path.length === 0;
}

function isOfAnotherKind({ code, path }: Issue): boolean {
  const isChoice = code === "invalid_value" || code === "invalid_union";
  return isChoice && path.length === 1 && path[0] === "type";
}

/** Whether the schema's author wrote the message, rather than the library. */
function isOurs(message: string): boolean {
  return !/^(Invalid|Too (big|small)|Unrecognized)/.test(message);
}

function expectation(issue: Issue, shapes: readonly One[]): string {
  const key = issue.code === "invalid_key" ? issue.issues[0] : undefined;
  const message = key?.message ?? issue.message;
  if (isOurs(message)) return message;
  switch (issue.code) {
    case "invalid_value":
      return oneOf(issue.values);
    case "invalid_union":
      return "options" in issue && issue.options
        ? oneOf(issue.options as readonly unknown[])
        : `expected ${describeExpectation(shapes)}`;
    case "too_small":
      return `expected ${Number(issue.minimum)} or more${counted(issue.origin)}`;
    case "too_big":
      return `expected ${Number(issue.maximum)} or less${counted(issue.origin)}`;
    case "invalid_format":
      return `expected text ${issue.pattern ? `that matches ${issue.pattern}` : `such as ${issue.format}`}`;
    case "invalid_type":
      return `expected ${describeExpectation(shapes)}`;
    default:
      return message.charAt(0).toLowerCase() + message.slice(1);
  }
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? `expected ${values[0]}` : `expected one of ${values.join(", ")}`;
}

function counted(origin: string): string {
  return origin === "string" ? " characters" : origin === "array" ? " items" : "";
}
