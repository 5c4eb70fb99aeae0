import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Cell } from "../base/cell.ts";
import { port } from "../base/schema.ts";
import { race } from "../base/signal.ts";
import { formatAddress } from "../model/endpoint.ts";
import { isHost } from "../model/host.ts";
import type { Instance } from "../model/instance.ts";
import { isInstanceId, isQuotable, isServiceName } from "../model/names.ts";
import type { Discovery, FoundInstance } from "./contract.ts";
import { distinct } from "./distinct.ts";
import { faults } from "./faults.ts";
import type { ProgramStanding } from "./program.ts";

const unquotable = "expected text without control characters, quotes and \\ ; { } # $ %";

const label = z
  .union([z.string(), z.number(), z.boolean()])
  .transform(String)
  .refine(isQuotable, unquotable);

/** Of no declared type, so that a number is not taken for the text of a string. */
const typedLabel = z
  .unknown()
  .refine(isTypedLabel, "expected a string, a number or a boolean")
  .transform((value) => value as TypedLabel);

type TypedLabel = string | number | boolean;

function isTypedLabel(value: unknown): value is TypedLabel {
  return ["string", "number", "boolean"].includes(typeof value) && isQuotable(String(value));
}

/** An instance of a service in the configuration. Every reader of the keyspace accepts what this schema accepts. */
export const serviceSchema = z.strictObject({
  name: z
    .string()
    .max(200)
    .refine(isServiceName, "expected letters, digits and _ . : - only")
    .describe("The service, which is a folder in the keyspace."),
  host: z
    .string()
    .refine(isHost, "expected a host name or an IP address (IPv6 without brackets)")
    .describe("The advertised address: a host name or an IP address, IPv6 without brackets."),
  port: port.describe("The advertised port."),
  id: z
    .string()
    .max(200)
    .refine(
      isInstanceId,
      "expected no space, slash, quote or control character, nor \\ ; { } # $ %",
    )
    .optional()
    .describe("The last part of its key; host:port by default."),
  instance: z
    .string()
    .min(1)
    .refine(isQuotable, unquotable)
    .optional()
    .describe("A display name, such as the name of the machine."),
  weight: z
    .int()
    .min(0)
    .max(256)
    .optional()
    .describe(
      "Its share of the traffic, 0 to 256; 0 gets no new requests. Readers assume 1 if unset.",
    ),
  labels: z
    .record(z.string().min(1).refine(isQuotable, unquotable), label)
    .optional()
    .describe("Labels for use in templates, such as zone: a."),
  options: z
    .string()
    .min(1)
    .refine(isQuotable, unquotable)
    .optional()
    .describe(
      "Options for its server in haproxy's configuration, published as haproxy_server_options: readers decide which ones they use.",
    ),
  verbatim: z
    .strictObject({
      port: z
        .string()
        .regex(/^\d{1,5}$/)
        .optional()
        .describe("The port as a string."),
      labels: z
        .record(z.string(), typedLabel)
        .optional()
        .describe("The labels with their types, such as rack: 7."),
    })
    .optional()
    .describe(
      "Fields that format: nerve publishes instead, where a configuration of Nerve has them with another type.",
    ),
});

export type Service = z.infer<typeof serviceSchema>;

/** The instance of a service in the configuration. */
export function instanceOf({
  name: service,
  instance,
  weight,
  labels,
  options,
  verbatim,
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
    ...(options === undefined ? {} : { options }),
    ...(verbatim === undefined ? {} : { verbatim }),
  };
}

/** A service of the configuration, with its checks. */
export type ConfiguredService<Check> = Service & {
  readonly checks: readonly Check[];
  /** Why it is about to be removed: it is draining until then. */
  readonly leaving?: string;
};

/** The instances of the configuration. Throws DISCOVER_DUPLICATE_INSTANCE for two with the same service and id. */
export function instancesOf<Check>(
  services: readonly ConfiguredService<Check>[],
): readonly FoundInstance<Check>[] {
  const found = services.map(({ checks, leaving: why, ...service }): FoundInstance<Check> => {
    const standing =
      why === undefined ? { state: "up" as const } : { state: "draining" as const, why };
    return { instance: instanceOf(service), checks, standing };
  });
  const { repeated } = distinct(found.map(({ instance }) => instance));
  const [duplicate] = repeated;
  if (duplicate) {
    const { service, id } = duplicate;
    throw faults.DISCOVER_DUPLICATE_INSTANCE({ service, id });
  }
  return found;
}

/**
 * Yields the instances of the configuration, again whenever that is another one; with a program, with its standing whenever that
 * changes, and none before it has one. Throws DISCOVER_DUPLICATE_INSTANCE for two with the same service and id.
 */
export function createStatic<Check>(
  services: Cell<readonly ConfiguredService<Check>[]>,
  program?: Cell<ProgramStanding | undefined>,
): Discovery<Check> {
  let found = instancesOf(services.value);
  return {
    async *discover(signal) {
      signal.throwIfAborted();
      for (;;) {
        const versions = [services.version, program?.version ?? 0] as const;
        found = withKnown(found, instancesOf(services.value));
        if (!program) yield { found, quarantined: [] };
        else if (program.value) yield { found: ofProgram(found, program.value), quarantined: [] };
        await race(
          signal,
          (s) => services.newer(versions[0], s),
          ...(program ? [(s: AbortSignal) => program.newer(versions[1], s)] : []),
        );
      }
    },
  };
}

/** The instances with the standing of their program; one that is about to be removed is draining for as long as the program runs. */
function ofProgram<Check>(
  found: readonly FoundInstance<Check>[],
  { standing, run }: ProgramStanding,
): readonly FoundInstance<Check>[] {
  return found.map((one) => {
    const isLeaving = one.standing.state === "draining" && standing.state === "up";
    return { ...one, run, standing: isLeaving ? one.standing : standing };
  });
}

/** The instances after a change: unchanged ones are the same objects. */
function withKnown<Check>(
  before: readonly FoundInstance<Check>[],
  after: readonly FoundInstance<Check>[],
): readonly FoundInstance<Check>[] {
  const known = new Map(before.map((one) => [nameOf(one), one]));
  return after.map((one) => {
    const last = known.get(nameOf(one));
    if (isDeepStrictEqual(one, last)) return last ?? one;
    const isSame = isDeepStrictEqual(one.instance, last?.instance);
    return last && isSame ? { ...one, instance: last.instance } : one;
  });
}

function nameOf({ instance: { service, id } }: FoundInstance): string {
  return `${service}/${id}`;
}
