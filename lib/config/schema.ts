import { z } from "zod";
import { duration, path } from "../base/schema.ts";
import { kinds as discoveries } from "../discover/kinds.ts";
import { checkSchema } from "../health/kinds.ts";
import { keyspaceSchema } from "../keyspace/schema.ts";
import { type Address, parseAddress } from "../model/endpoint.ts";
import { proxySchema } from "../proxy/kinds.ts";
import { kinds as formats } from "../render/escape/kinds.ts";
import { approvalSchema } from "./approval.ts";
import { guardSchema } from "./guard.ts";

/** Longer than nothing: what never waits would do nothing else. */
const pause = (preset: string) =>
  duration(preset).refine((ms) => ms >= 1, "expected a duration of at least 1ms");

const folder = z
  .string()
  .regex(/^\/?[^\s/]+(\/[^\s/]+)*\/?$/, "expected a folder of the keyspace such as /services");

const presenceSchema = z
  .strictObject({
    ttl: duration("10s")
      .refine((ms) => ms >= 1000, "expected a duration of at least 1s")
      .describe("How long entries outlive an agent that was killed or cut off."),
    shutdownTimeout: duration("10s").describe("How long leaving may take."),
    drainDelay: duration("1s").describe(
      "How long instances that leave take no new requests (weight 0) before they are removed; at most half of drain.",
    ),
    prefix: folder.default("/services").describe("The folder where instances are announced."),
    format: z
      .enum(["json", "address"])
      .default("json")
      .describe("How an instance is written: Nerve's JSON, or just host:port."),
    name: z
      .string()
      .min(1)
      .optional()
      .describe("The machine's name in the entries; its host name unless said otherwise."),
    services: z
      .array(
        discoveries.static.schema.extend({
          checks: z
            .array(checkSchema)
            .default([])
            .describe("What must all be well for the instance to be announced."),
        }),
      )
      .default([])
      .describe("The instances that this machine serves."),
    docker: discoveries.docker.schema.optional(),
  })
  .refine(({ services, docker }) => services.length > 0 || docker, {
    error: "expected services to announce, or docker: {} to find containers",
  })
  .describe("The presence agent: checks the instances of this machine and announces the healthy.");

const templateSchema = z.strictObject({
  source: path.describe("The template: beside this file, else one of those that are shipped."),
  target: path.describe("The file to write."),
  prefixes: z
    .array(folder)
    .min(1, "expected at least one folder such as /services")
    .default(["/services"])
    .describe("The folders of the keyspace that the template may look at."),
  format: z
    .enum(Object.keys(formats) as (keyof typeof formats)[])
    .optional()
    .describe(
      "What a value must be able to stand in. Unless said otherwise: the proxy's own format; " +
        "else by the target's name: *.json is json, *.sh and *.env are shell, *.cfg and names with " +
        "haproxy are haproxy, *.conf and names with nginx are nginx, all others plain.",
    ),
  mode: z
    .string('expected permissions as text, such as "0644"')
    .regex(/^0?[0-7]{3}$/, 'expected permissions as text, such as "0644"')
    .optional()
    .describe("The permissions of the target; those it has, or 0644 for a new file."),
  check: approvalSchema.optional(),
  proxy: proxySchema.optional().describe("The program that reads the target."),
});

const watchSchema = z
  .strictObject({
    services: folder
      .default("/services")
      .describe("The folder whose sub-folders are the services that templates see."),
    settle: z
      .strictObject({
        quiet: duration("50ms").describe(
          "A change that follows on another's heels waits this long.",
        ),
        atMost: duration("1s").describe("No change waits longer than this."),
      })
      .prefault({})
      .describe("How changes that come together are gathered into one."),
    retry: z
      .strictObject({
        first: pause("500ms").describe("The wait after a first failure; it doubles with each one."),
        atMost: pause("30s").describe("No wait is longer than this."),
      })
      .prefault({})
      .describe("When to try again what failed."),
    guard: guardSchema,
    acknowledge: z
      .boolean()
      .default(true)
      .describe(
        "Whether those who leave can wait for this watcher: it has an entry below /sidekick/watchers, which says what it has stopped to send anything to.",
      ),
    snapshotCache: z
      .union([path, z.literal(false)])
      .optional()
      .describe(
        "The file that keeps what is known of the keyspace, for a start while that is out of reach; false for none. " +
          "Unless said otherwise docs/served.md says where.",
      ),
    templates: z
      .array(templateSchema)
      .min(1, "expected at least one template")
      .describe("The files to keep up to date."),
  })
  .describe("The watcher: follows keys, renders files and makes proxies serve them.");

const expectedAddress = "expected an address and a port such as 127.0.0.1:9102 or [::1]:9102";

const statusSchema = z
  .strictObject({
    socket: path
      .optional()
      .describe(
        "The unix socket by which sidekick status and sidekick drain ask this agent; unless said otherwise, " +
          "one that they find by the path of the configuration file.",
      ),
    listen: z
      .string()
      .refine((text) => parseAddress(text) !== undefined, expectedAddress)
      .transform((text) => parseAddress(text) as Address)
      .optional()
      .describe(
        "Where everybody may look, by HTTP: /healthz, /readyz, /status; nowhere unless said.",
      ),
  })
  .describe(
    "How this agent is looked at, and asked to drain. It has a socket of its own in any case.",
  );

/** All that can be configured. Every value is text, a number or true/false; durations are text. */
export const configSchema = z.strictObject({
  keyspace: keyspaceSchema
    .prefault("file:./keyspace")
    .describe(
      "Where instances are kept: a URL, or a section with a URL and what it takes to be let in.",
    ),
  log: z
    .enum(["debug", "info", "warn", "error"])
    .default("info")
    .describe("The least important lines to log."),
  presence: presenceSchema.optional(),
  watch: watchSchema.optional(),
  status: statusSchema.optional(),
});

export type Config = z.infer<typeof configSchema>;
