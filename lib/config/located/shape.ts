import { z } from "zod";
import type { Path } from "./tree.ts";

/** A schema as data: the subset of JSON Schema that `shapeOf` produces. */
export interface Shape {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  /** Marks strings that `resolvePaths` makes absolute: `path` for a file or folder. */
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

/** A shape that is not a union. */
export interface SingleShape extends Shape {
  readonly type?: string;
}

const computed = new WeakMap<z.ZodType, Shape>();

/** The input of a schema, before defaults and transformations: a duration is a string. Computed once for each schema. */
export function shapeOf(schema: z.ZodType): Shape {
  const known = computed.get(schema);
  if (known) return known;
  const options = { io: "input", target: "draft-2020-12", unrepresentable: "any" } as const;
  const shape = z.toJSONSchema(schema, options) as Shape;
  computed.set(schema, shape);
  return shape;
}

/** The members of a union, nested unions flattened; the shape itself if it is not a union. */
export function alternatives(shape: Shape): readonly SingleShape[] {
  const { type, anyOf, oneOf, ...rest } = shape;
  const members = anyOf ?? oneOf;
  if (members) return members.flatMap(alternatives);
  const types = typeof type === "string" ? [type] : (type ?? []);
  return types.length > 0 ? types.map((each) => ({ ...rest, type: each })) : [rest];
}

/** The shapes allowed at a path. The constants of an object in `value`, such as its `type`, select among alternatives. */
export function shapesAt(shape: Shape, value: unknown, path: Path): readonly SingleShape[] {
  let [shapes, here] = [matching(alternatives(shape), value), value];
  for (const step of path) {
    here = memberOf(here, step);
    shapes = matching(
      shapes.flatMap((each) => shapesBelow(each, step)).flatMap(alternatives),
      here,
    );
  }
  return shapes;
}

/** The property names of all shapes, each once. */
export function keysOf(shapes: readonly Shape[]): readonly string[] {
  return [...new Set(shapes.flatMap(({ properties = {} }) => Object.keys(properties)))];
}

/** The shape one step below an object or a list; empty where nothing is allowed. */
export function shapesBelow(shape: Shape, step: string | number): readonly Shape[] {
  if (typeof step === "number") return shape.items ? [shape.items] : [];
  const { properties = {}, additionalProperties: others } = shape;
  if (Object.hasOwn(properties, step)) return [properties[step] ?? {}];
  return typeof others === "object" ? [others] : [];
}

/** The shapes with the same constants as an object; all shapes if none matches. */
function matching(shapes: readonly SingleShape[], value: unknown): readonly SingleShape[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return shapes;
  const found = shapes.filter(({ properties = {} }) =>
    Object.entries(properties).every(
      ([key, { const: only }]) => only === undefined || only === memberOf(value, key),
    ),
  );
  return found.length > 0 ? found : shapes;
}

function memberOf(value: unknown, step: string | number): unknown {
  const isContainer = typeof value === "object" && value !== null;
  return isContainer ? (value as Readonly<Record<string, unknown>>)[step] : undefined;
}
