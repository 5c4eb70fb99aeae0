import { z } from "zod";
import { path } from "../../../base/schema.ts";
import { amount, count, optional, portNumber, strings, word } from "../scalars.ts";

const filterSchema = z.strictObject({
  label: z.string(),
  value: z.union([z.string(), z.number(), z.boolean()]).transform(String),
  condition: z.enum(["equals", "not-equals"]),
});

/** The settings of every method. */
const filters = {
  label_filters: optional(z.array(filterSchema)),
  label_filter: optional(filterSchema),
};

const expectedFolder = "expected the absolute path of a node, such as /services/web";
const folder = z.string().regex(/^\/\S*$/, expectedFolder);

const decodeSchema = z.strictObject({
  method: z.enum(["nerve", "serverset"]).default("nerve"),
  endpoint_name: optional(z.string()),
});

const retryPolicySchema = z.strictObject({
  max_attempts: optional(count),
  max_delay: optional(amount),
  base_interval: optional(amount),
  max_interval: optional(amount),
});

const zookeeper = {
  hosts: strings.refine((hosts) => hosts.length > 0, "expected at least one host"),
  path: folder,
  decode: optional(decodeSchema),
  generator_config_path: optional(z.string()),
  discovery_jitter: optional(amount),
  retry_policy: optional(retryPolicySchema),
  ...filters,
};

const resolving = { nameserver: optional(word), check_interval: optional(amount) };
const polling = { polling_interval_sec: optional(amount) };

const method = <Name extends string>(name: Name) => ({ method: z.literal(name) });

/** A host name that is resolved, with what its addresses have in common. */
const dnsServerSchema = z.strictObject({
  host: word,
  port: optional(portNumber),
  name: optional(word),
  labels: optional(z.record(z.string(), z.string())),
});

const engineSchema = z.strictObject({
  host: word,
  port: optional(portNumber),
  name: optional(word),
});

const single = [
  z.strictObject({ ...method("base"), ...filters }),
  z.strictObject({ ...method("stub"), ...filters }),
  z.strictObject({ ...method("zookeeper"), ...zookeeper }),
  z.strictObject({ ...method("zookeeper_poll"), ...zookeeper, ...polling }),
  z.strictObject({ ...method("zookeeper_dns"), ...zookeeper, ...resolving }),
  z.strictObject({ ...method("zookeeper_dns_poll"), ...zookeeper, ...resolving, ...polling }),
  z.strictObject({
    ...method("etcd"),
    host: optional(word),
    port: optional(portNumber),
    hosts: optional(strings),
    path: folder,
    ...filters,
  }),
  z.strictObject({
    ...method("dns"),
    servers: z.array(dnsServerSchema).min(1, "expected at least one server"),
    ...resolving,
    ...filters,
  }),
  z.strictObject({
    ...method("docker"),
    servers: z.array(engineSchema).min(1, "expected at least one server"),
    image_name: z.string(),
    container_port: portNumber,
    check_interval: optional(amount),
    ...filters,
  }),
  z.strictObject({ ...method("file"), path, ...filters }),
] as const;

const resolverSchema = z.discriminatedUnion("method", [
  z.strictObject(method("union")),
  z.strictObject({ ...method("sequential"), sequential_order: strings }),
]);

const singleSchema = z.discriminatedUnion("method", single);

const watchersSchema = z
  .record(z.string(), singleSchema)
  .refine((all) => Object.keys(all).length > 0, "expected at least one watcher");

export const discoverySchema = z.discriminatedUnion("method", [
  ...single,
  z.strictObject({
    ...method("multi"),
    resolver: resolverSchema,
    watchers: watchersSchema,
    ...filters,
  }),
]);

/** `discovery` is another one of its watchers, by the name of `primary`. */
export const discoveryMultiSchema = z.strictObject({
  method: optional(z.literal("multi")),
  resolver: resolverSchema,
  watchers: optional(z.record(z.string(), singleSchema)),
  ...filters,
});

export type SingleDiscovery = z.infer<typeof singleSchema>;
export type Discovery = z.infer<typeof discoverySchema>;
export type DiscoveryMulti = z.infer<typeof discoveryMultiSchema>;
export type Resolver = z.infer<typeof resolverSchema>;
export type Filters = Partial<Pick<Extract<Discovery, { method: "base" }>, keyof typeof filters>>;
