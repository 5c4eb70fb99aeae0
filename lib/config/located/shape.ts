import { z } from "zod";
import type { Path } from "./tree.ts";

/** A schema as plain data: the part of JSON Schema that ours comes out as. */
export interface Shape {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  /** `path` marks a file or folder. */
  readonly format?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly additionalProperties?: Shape | boolean;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
}

/** A shape that is no union. */
export interface One extends Shape {
  readonly type?: string;
}

/** What the schema takes, as it is written in a file: durations are text, defaults may be left out. */
export function shapeOf(schema: z.ZodType): Shape {
  return z.toJSONSchema(schema, {
    io: "input",
    target: "draft-2020-12",
    unrepresentable: "any",
  }) as Shape;
}

/** The members of a union, of unions within it too; anything else is its own only member. */
export function alternatives(shape: Shape): readonly One[] {
  const { type, anyOf, oneOf, ...rest } = shape;
  const members = anyOf ?? oneOf;
  if (members) return members.flatMap(alternatives);
  const types = typeof type === "string" ? [type] : (type ?? []);
  return types.length > 0 ? types.map((each) => ({ ...rest, type: each })) : [rest];
}

/** What may stand at a path. A section's `type`, where it says one, leaves only that kind of it. */
export function shapesAt(shape: Shape, value: unknown, path: Path): readonly One[] {
  let [shapes, here] = [fitting(alternatives(shape), value), value];
  for (const step of path) {
    here = member(here, step);
    shapes = fitting(shapes.flatMap((each) => inner(each, step)).flatMap(alternatives), here);
  }
  return shapes;
}

/** The names of the keys that sections of these shapes have. */
export function keysOf(shapes: readonly Shape[]): readonly string[] {
  return [...new Set(shapes.flatMap(({ properties = {} }) => Object.keys(properties)))];
}

/** What stands below a section or a list. */
export function inner(shape: Shape, step: string | number): readonly Shape[] {
  if (typeof step === "number") return shape.items ? [shape.items] : [];
  const { properties = {}, additionalProperties: others } = shape;
  if (Object.hasOwn(properties, step)) return [properties[step] ?? {}];
  return typeof others === "object" ? [others] : [];
}

function fitting(shapes: readonly One[], value: unknown): readonly One[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return shapes;
  const meant = shapes.filter(({ properties = {} }) =>
    Object.entries(properties).every(
      ([key, { const: only }]) => only === undefined || only === member(value, key),
    ),
  );
  return meant.length > 0 ? meant : shapes;
}

function member(value: unknown, step: string | number): unknown {
  const isContainer = typeof value === "object" && value !== null;
  return isContainer ? (value as Readonly<Record<string, unknown>>)[step] : undefined;
}
