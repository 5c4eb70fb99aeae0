import { z } from "zod";
import { duration, path } from "../base/schema.ts";
import { destinationSchema } from "../destination/kinds.ts";
import { kinds as discoveries } from "../discover/kinds.ts";
import { prefixSchema } from "./folder-schema.ts";
import { heedSchema } from "./heed-schema.ts";
import { presentServiceSchema } from "./present-service-schema.ts";
import { signSchema } from "./sign-schema.ts";

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
    prefix: prefixSchema
      .default("/services")
      .describe(
        "The folder of the keyspace in which instances are registered; / for a folder of each service at the root.",
      ),
    format: z
      .enum(["json", "nerve", "registrator", "address"])
      .default("json")
      .describe(
        "The value of an entry: JSON with Nerve's fields; nerve, with labels that are numbers as numbers; registrator, its JSON for ZooKeeper; or host:port.",
      ),
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
    tripwire: z
      .boolean()
      .optional()
      .describe(
        "Whether checks keep the connection of a probe open, so that the end of a process is noticed at once. Default: those of http, grpc and redis do, whose servers offer it. See docs/tripwire.md.",
      ),
    heartbeat: path
      .optional()
      .describe(
        "A file that is touched every 10 s while the agent runs, for a supervisor that looks at its time.",
      ),
    waitServed: z
      .boolean()
      .default(false)
      .describe(
        "Whether the agent is ready (systemd, /readyz, sidekick status --ready) only once the proxies of all watchers have served the instances that are healthy at its start. See docs/hand-over.md.",
      ),
    stamp: z
      .boolean()
      .default(false)
      .describe(
        'Whether an entry has the time at which its instance became healthy, or got its weight ("at", with format json): the watchers measure how long it takes until they serve it. See docs/metrics.md.',
      ),
    sign: signSchema.optional(),
    heed: heedSchema.optional(),
    services: z
      .array(presentServiceSchema)
      .default([])
      .describe("The instances that run on this machine."),
    destinations: z
      .array(destinationSchema)
      .default([])
      .describe(
        "Places beside the keyspace in which the healthy instances are registered, too, such as a load balancer. With one, and without a watcher, no keyspace is needed.",
      ),
    docker: discoveries.docker.schema.optional(),
  })
  .refine(({ services, docker }) => services.length > 0 || docker, {
    error: "expected services to register, or docker: {} to discover containers",
  })
  .refine(({ stamp, format }) => !stamp || format === "json", {
    error: "expected format: json with stamp: true, since values of other formats have no stamp",
    path: ["stamp"],
  })
  .refine(({ sign, format }) => !sign || format === "json", {
    error: "expected format: json with sign, since values of other formats cannot be signed",
    path: ["sign"],
  })
  .refine(
    ({ sign, services }) =>
      !sign ||
      services.every(
        ({ entry, encodedName, nodeName }) =>
          !entry?.endsWith("equential") && !encodedName && nodeName === undefined,
      ),
    {
      error:
        "expected no services with a sequential entry, encodedName or nodeName with sign: a signature holds for one key",
      path: ["sign"],
    },
  )
  .describe(
    "The presence agent: checks the instances of this machine and registers the healthy ones.",
  );
