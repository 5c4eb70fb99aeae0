import { type Shape, shapeOf } from "./located/shape.ts";
import { configSchema } from "./schema.ts";

/**
 * The schema of a configuration file as JSON Schema (draft 2020-12), for editors to complete and check. It describes the file as it
 * is written: any setting may be a reference to a variable, `port: ${PORT}`. It has no formats and no unions of types other than
 * those of the standard, so that strict validators accept it.
 */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...shape } = shapeOf(configSchema) as Shape & { readonly $schema?: string };
  return {
    $schema,
    $id: "urn:sidekick:configuration",
    title: "sidekick configuration",
    ...asWritten(shape),
    $defs: { variable },
  };
}

/** A text with a reference to an environment variable. */
const variable = {
  description: "A reference to an environment variable, with a default or without.",
  type: "string",
  pattern: String.raw`\$\{[A-Za-z_]\w*(:-[^}]*)?\}`,
};

const reference = { $ref: "#/$defs/variable" };

type JsonSchema = Readonly<Record<string, unknown>>;

function asWritten(shape: Shape): JsonSchema {
  const { format, anyOf, oneOf, type, properties, items, additionalProperties, ...rest } = shape;
  const members = anyOf ?? oneOf;
  // With a variable several members may match, so that `oneOf` would be wrong.
  if (members) return { ...rest, anyOf: members.map(asWritten) };
  if (Array.isArray(type)) return { ...rest, anyOf: type.map((one) => asWritten({ type: one })) };
  if (type === "object" || type === "array") {
    return {
      ...rest,
      type,
      ...(properties && { properties: mapValues(properties, asWritten) }),
      ...(items && { items: asWritten(items) }),
      ...(additionalProperties !== undefined && {
        additionalProperties:
          typeof additionalProperties === "object"
            ? asWritten(additionalProperties)
            : additionalProperties,
      }),
    };
  }
  return scalarAsWritten({ ...rest, ...(type !== undefined && { type }) });
}

/** A scalar, or a variable unless any string is accepted. */
function scalarAsWritten(shape: Shape): JsonSchema {
  const { title, description, default: preset, ...constraints } = shape;
  const isAnyString = constraints.type === "string" && Object.keys(constraints).length === 1;
  const accepted = isAnyString ? constraints : { anyOf: [constraints, reference] };
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(preset !== undefined && { default: preset }),
    ...accepted,
  };
}

function mapValues<T, U>(of: Readonly<Record<string, T>>, change: (value: T) => U) {
  return Object.fromEntries(Object.entries(of).map(([key, value]) => [key, change(value)]));
}
