import { z } from "zod";
import { duration } from "../base/schema.ts";
import { kinds as discoveries } from "../discover/kinds.ts";
import { checkSchema } from "../health/kinds.ts";
import { folderSchema } from "./folder-schema.ts";

export const presenceSchema = z
  .strictObject({
    ttl: duration("10s")
      .refine((ms) => ms >= 1000, "expected a duration of at least 1s")
      .describe(
        "TTL of the entries: how long they remain after the agent was killed or has lost its connection.",
      ),
    shutdownTimeout: duration("10s").describe(
      "Time limit of a shutdown, drain included. Entries that remain then expire with their TTL.",
    ),
    drainDelay: duration("1s").describe(
      "How long a draining instance takes no new requests (weight 0) before it is deregistered; at most half of shutdownTimeout.",
    ),
    prefix: folderSchema
      .default("/services")
      .describe("The folder of the keyspace in which instances are registered."),
    format: z
      .enum(["json", "address"])
      .default("json")
      .describe("The value of an entry: Nerve's JSON, or host:port."),
    name: z
      .string()
      .min(1)
      .optional()
      .describe("The name of this machine in the entries. Default: its host name."),
    maxProbes: z
      .int()
      .min(1)
      .optional()
      .describe(
        "How many health checks may be in flight at once; the others wait for a place. Default: a quarter of the file descriptors that the process may open, and at least 64.",
      ),
    services: z
      .array(
        discoveries.static.schema.extend({
          checks: z
            .array(checkSchema)
            .default([])
            .describe("Health checks; the instance is registered while all of them are healthy."),
        }),
      )
      .default([])
      .describe("The instances that run on this machine."),
    docker: discoveries.docker.schema.optional(),
  })
  .refine(({ services, docker }) => services.length > 0 || docker, {
    error: "expected services to register, or docker: {} to discover containers",
  })
  .describe(
    "The presence agent: checks the instances of this machine and registers the healthy ones.",
  );
