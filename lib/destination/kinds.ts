import { z } from "zod";
import { consulSchema } from "./consul/schema.ts";
import type { Destination, DestinationDeps } from "./contract.ts";
import { elbSchema, targetGroupSchema } from "./elb/schema.ts";

/** All kinds of destination, by their key in the configuration. To add one, write its folder and list it here. */
export const kinds = {
  elb: {
    schema: elbSchema,
    // Imported on use: most configurations have no destination.
    create: async (config: z.infer<typeof elbSchema>, deps: DestinationDeps) =>
      (await import("./elb/classic.ts")).createElb(config, deps),
  },
  consul: {
    schema: consulSchema,
    create: async (config: z.infer<typeof consulSchema>, deps: DestinationDeps) =>
      (await import("./consul/agent.ts")).createConsulAgent(config, deps),
  },
  targetGroup: {
    schema: targetGroupSchema,
    create: async (config: z.infer<typeof targetGroupSchema>, deps: DestinationDeps) =>
      (await import("./elb/target-group.ts")).createTargetGroup(config, deps),
  },
};

type Kind = keyof typeof kinds;

const names = Object.keys(kinds) as readonly Kind[];

/** An item of `presence.destinations`: one kind, and the services that are registered in it. */
export const destinationSchema = z
  .strictObject({
    elb: kinds.elb.schema.optional(),
    targetGroup: kinds.targetGroup.schema.optional(),
    consul: kinds.consul.schema.optional(),
    services: z
      .array(z.string().min(1))
      .min(1, "expected the name of a service")
      .optional()
      .describe("The services whose instances are registered in it. Default: all."),
  })
  .refine((item) => kindsOf(item).length === 1, `expected one of ${names.join(", ")}`)
  .describe("A place beside the keyspace in which healthy instances are registered.");

export type DestinationConfig = z.infer<typeof destinationSchema>;

/** Creates the destination of an item. It makes no request before its first call. */
export async function createDestination(
  config: DestinationConfig,
  deps: DestinationDeps,
): Promise<Destination> {
  const [kind] = kindsOf(config);
  // The schema has made sure that there is one.
  if (kind === undefined) throw new TypeError("a destination without a kind");
  return await kinds[kind].create(config[kind] as never, deps);
}

function kindsOf(item: Partial<Record<Kind, unknown>>): readonly Kind[] {
  return names.filter((name) => item[name] !== undefined);
}
