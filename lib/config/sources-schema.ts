import { z } from "zod";
import { serviceSchema } from "../discover/static.ts";
import { isWithin } from "../model/entry.ts";
import { isQuotable, isServiceName } from "../model/names.ts";
import { folderSchema } from "./folder-schema.ts";

const { host, port, weight, labels, instance: displayName } = serviceSchema.shape;

const instance = z
  .strictObject({ host, port, name: displayName, weight, labels })
  .describe("An instance that has no entry.");

const folder = z.union([
  folderSchema.describe("A folder of the keyspace; the entries directly in it are instances."),
  z.strictObject({
    path: folderSchema.describe("The folder of the keyspace."),
    endpoint: z
      .string()
      .min(1)
      .refine(isQuotable, "expected the name of an additional endpoint")
      .optional()
      .describe(
        "The additional endpoint whose address is used, such as http: for members of a serverset, listeners of Kafka, and ssl for " +
          "Curator.",
      ),
  }),
]);

const folders = z
  .array(folder)
  .min(1, "expected at least one folder such as /services/web")
  .superRefine((list, context) => {
    const paths = list.map(pathOf);
    for (const [i, path] of paths.entries()) {
      const other = paths.find(
        (one, j) => j !== i && isWithin(path, one) && (one !== path || j < i),
      );
      if (other === undefined) continue;
      const message = `${path} is within ${other}, which is a folder of the same source`;
      context.addIssue({ code: "custom", path: [i], message, input: list });
    }
  });

function pathOf(one: z.infer<typeof folder>): string {
  const path = typeof one === "string" ? one : one.path;
  return `/${path.replace(/^\/|\/$/g, "")}`;
}

const combined = z
  .strictObject({
    union: folders.optional().describe("The instances of all of these folders."),
    first: folders
      .optional()
      .describe(
        "The instances of the first of these folders that has any: the others are fall-backs.",
      ),
    instances: z
      .array(instance)
      .min(1, "expected at least one instance")
      .optional()
      .describe("The instances where no folder has any, or their keyspace was never reached."),
  })
  .refine(({ union, first }) => !(union && first), "expected only one of union and first")
  .refine(
    ({ union, first, instances }) => union || first || instances,
    "expected folders in union or first, or instances",
  );

export const sourceSchema = z
  .union([folder, folders, combined])
  .describe(
    "A folder, a list of folders whose instances are joined, or an object with union or first, and instances.",
  );

export const sourcesSchema = z
  .record(
    z
      .string()
      .refine(isServiceName, "expected the name of a service: letters, digits and _ . : - only"),
    sourceSchema,
  )
  .describe(
    "Where the instances of further services are, by name of service: in folders at any path. A name replaces the " +
      "sub-folder of watch.services with that name. See docs/served.md.",
  );

export type SourceConfig = z.infer<typeof sourceSchema>;
