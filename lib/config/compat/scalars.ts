import { z } from "zod";

/** A setting that may be left out, or null, which is the same in Synapse. */
export function optional<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? undefined);
}

const words = { true: true, yes: true, on: true, false: false, no: false, off: false } as const;
const expectedFlag = "expected true or false";

/** A boolean; in YAML 1.1, which Synapse reads, also yes, no, on and off. */
export const flag = z.union(
  [
    z.boolean(),
    z.enum(Object.keys(words) as (keyof typeof words)[]).transform((word) => words[word]),
  ],
  expectedFlag,
);

/** A number, or the text of one. */
export const amount = z.union(
  [
    z.number().nonnegative(),
    z
      .string()
      .regex(/^\d+(\.\d+)?$/)
      .transform(Number),
  ],
  "expected a number",
);

/** A whole number, or the text of one. */
export const count = z.union(
  [z.int().nonnegative(), z.string().regex(/^\d+$/).transform(Number)],
  "expected a whole number",
);

const expectedPort = "expected a port from 1 to 65535";

/** A port, or the text of one. */
export const portNumber = z.union(
  [
    z.int().min(1).max(65_535),
    z
      .string()
      .regex(/^\d{1,5}$/)
      .transform(Number)
      .refine((port) => port >= 1 && port <= 65_535),
  ],
  expectedPort,
);

/** One string, or a list of them. */
export const strings = z.union(
  [z.string().transform((text) => [text]), z.array(z.string())],
  "expected a list of strings",
);

/** Text that becomes a part of a line. */
export const inline = z
  .string()
  .refine(
    (text) => !/[\r\n]/.test(text),
    "expected one line: a line break would begin another one",
  );

/** The lines of a section; a single string is a single line. */
export const lines = z.union([inline.transform((line) => [line]), z.array(inline)]);

/** A word in a line: the name of a section, an address. */
export const word = z.string().regex(/^\S+$/, "expected a word without spaces");
