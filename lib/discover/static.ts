import { z } from "zod";
import { port } from "../base/schema.ts";
import { abortable } from "../base/signal.ts";
import { formatAddress, isHost } from "../model/endpoint.ts";
import type { Instance } from "../model/instance.ts";
import { isInstanceId, isQuotable, isServiceName } from "../model/names.ts";
import type { Discovery, FoundInstance } from "./contract.ts";
import { distinct } from "./distinct.ts";
import { faults } from "./faults.ts";

const unquotable =
  "no proxy can carry this text: control characters, quotes, \\ ; { } # $ % are out";

const label = z
  .union([z.string(), z.number(), z.boolean()])
  .transform(String)
  .refine(isQuotable, unquotable);

/** One instance of one service, as the configuration names it. Whoever reads the keyspace accepts what this accepts. */
export const serviceSchema = z.strictObject({
  name: z
    .string()
    .max(200)
    .refine(isServiceName, "expected letters, digits and _ . : - only")
    .describe("The service: a folder in the keyspace."),
  host: z
    .string()
    .refine(isHost, "expected a host name or an IP address (IPv6 without brackets)")
    .describe("Where others reach it: a name or an IP address, IPv6 without brackets."),
  port: port.describe("Where others reach it."),
  id: z
    .string()
    .max(200)
    .refine(
      isInstanceId,
      "expected no space, slash, quote or control character, nor \\ ; { } # $ %",
    )
    .optional()
    .describe("The last part of its key; host:port unless said otherwise."),
  instance: z
    .string()
    .min(1)
    .refine(isQuotable, unquotable)
    .optional()
    .describe("A name for people, such as that of the machine."),
  weight: z
    .int()
    .min(0)
    .max(256)
    .optional()
    .describe("Its share of the traffic, 0 to 256; 0 takes no new requests. 1 where nobody says."),
  labels: z
    .record(z.string().min(1).refine(isQuotable, unquotable), label)
    .optional()
    .describe("Whatever templates choose by, such as zone: a."),
});

export type Service = z.infer<typeof serviceSchema>;

/** The instance that a service of the configuration names. */
export function instanceOf({
  name: service,
  instance,
  weight,
  labels,
  ...rest
}: Service): Instance {
  const { host, port } = rest;
  return {
    service,
    id: rest.id ?? formatAddress({ host, port }),
    host,
    port,
    ...(instance === undefined ? {} : { name: instance }),
    ...(weight === undefined ? {} : { weight }),
    ...(labels === undefined ? {} : { labels }),
  };
}

/** Finds what the configuration names. Throws DISCOVER_DUPLICATE_INSTANCE when it names the same one twice. */
export function createStatic<Check>(
  services: readonly (Service & { readonly checks: readonly Check[] })[],
): Discovery<Check> {
  const found = services.map(({ checks, ...service }): FoundInstance<Check> => {
    return { instance: instanceOf(service), checks, standing: { state: "up" } };
  });
  const { repeated } = distinct(found.map(({ instance }) => instance));
  const [twice] = repeated;
  if (twice) throw faults.DISCOVER_DUPLICATE_INSTANCE({ service: twice.service, id: twice.id });
  return {
    async *discover(signal) {
      signal.throwIfAborted();
      yield { found, quarantined: [] };
      await abortable(new Promise<never>(() => {}), signal);
    },
  };
}
