import { z } from "zod";
import { optionalDuration, port } from "../base/schema.ts";
import { isHost } from "../model/host.ts";
import { isServiceName } from "../model/names.ts";
import type { GeneratorSettings } from "../render/generators.ts";

const line = z.string().regex(/^[^\r\n]*$/, "expected one line");
const lines = z.array(line).default([]);
const name = z.string().refine(isServiceName, "expected the name of a service");

const labelFilter = z.strictObject({
  label: z.string().describe("The name of a label."),
  value: z.string().describe("The value that it is compared with."),
  isEqual: z.boolean().default(true).describe("Whether the label has, or has not, the value."),
});

const defaultServer = z.strictObject({
  host: z
    .string()
    .refine(isHost, "expected a host name or an IP address")
    .describe("A host name or an IP address."),
  port: port.describe("Its port."),
  name: line.optional().describe("Its name."),
  weight: z.int().min(0).max(256).optional().describe("Its share of the traffic."),
  options: line.optional().describe("Options of its line in haproxy.cfg."),
  haproxyId: z.int().min(1).optional().describe("Its number in haproxy.cfg."),
  labels: z.record(z.string(), z.string()).optional().describe("Its labels."),
});

const rules = z
  .strictObject({
    defaultServers: z.array(defaultServer).default([]).describe("Servers in place of none."),
    keepsDefaults: z.boolean().default(false).describe("Whether they are also used beside others."),
    keepsPrevious: z
      .boolean()
      .default(true)
      .describe("Whether the previous servers stay while there are none and no defaultServers."),
    portOverride: port.optional().describe("The port of every server."),
    labelFilters: z.array(labelFilter).default([]).describe("A server has to match all of them."),
    electsLeader: z
      .boolean()
      .default(false)
      .describe("Whether only the server with the lowest number is used."),
  })
  .prefault({})
  .describe("Which of the instances are servers of the service.");

const services = z
  .array(
    z.strictObject({
      name: name.describe("The service, as in watch.sources."),
      rules,
      hasOwnInstances: z
        .boolean()
        .default(false)
        .describe(
          "Whether instances of the configuration are servers beside those of the keyspace.",
        ),
      resolves: z
        .boolean()
        .default(false)
        .describe("Whether a host name stands for a server at each of its addresses."),
      filters: z
        .record(z.string(), z.array(labelFilter))
        .default({})
        .describe("By folder of the keyspace, filters for its instances alone."),
    }),
  )
  .describe("The services of watch.sources, and how their servers are chosen.");

const order = z.enum(["asc", "desc", "no_shuffle", "shuffle"]);

/** A number of 64 bits; as a string where a double cannot hold it. */
const seed = z
  .union([z.int(), z.string().regex(/^-?\d{1,20}$/, "expected a whole number")])
  .transform((value) => BigInt(value))
  .describe("The seed of the order of servers where a service does not choose one.");

const haproxyService = z
  .strictObject({
    name: name.describe("The service."),
    poolName: line.optional().describe("The name of its pool. Default: that of the service."),
    port: line
      .nullable()
      .optional()
      .describe("The port of its frontend; null for an address without one. Default: no frontend."),
    bindAddress: line.optional().describe("The address of its frontend."),
    bindOptions: line.optional().describe("Options of its bind line."),
    lines: z
      .strictObject({
        frontend: lines.describe("Lines of its frontend."),
        pool: lines.describe("Lines of its pool of servers."),
        listen: lines.describe("Lines of both, each where haproxy takes it."),
      })
      .prefault({})
      .describe("Lines for its frontend and its pool of servers, and of both (listen)."),
    sharedFrontend: z.array(line).optional().describe("Its lines in the shared frontend."),
    serverOptions: line
      .optional()
      .describe("Options of each server, with %{host}, %{port}, %{name}."),
    order: order.default("shuffle").describe("The order of its servers."),
    cookie: z.enum(["name", "hash"]).default("name").describe("The value of a server's cookie."),
  })
  .transform(({ poolName, ...service }) => ({ ...service, poolName: poolName ?? service.name }));

const haproxySettings = z
  .strictObject({
    global: lines.describe("Lines of the section global."),
    defaults: lines.describe("Lines of the section defaults."),
    extraSections: z
      .array(
        z.strictObject({
          title: line.describe("Its first line."),
          lines: lines.describe("Its lines."),
        }),
      )
      .default([])
      .describe("Sections that are written as they are."),
    sharedFrontend: z.array(line).optional().describe("Lines of the frontend that services share."),
    bindAddress: line.default("localhost").describe("The address of frontends."),
    orderSeed: seed,
    maxServerId: z.int().min(1).default(65_535).describe("The highest number of a server."),
    writesWeights: z.boolean().default(false).describe("Whether weights of entries are written."),
    keepsGone: optionalDuration.describe(
      "How long a server that has disappeared stays in the file, disabled. Default: it is removed.",
    ),
    services: z.array(haproxyService).describe("The sections of each service."),
  })
  .transform(({ keepsGone, ...settings }) => ({
    ...settings,
    ...(keepsGone !== undefined && { keepsGoneMs: keepsGone }),
  }));

const nginxService = z
  .strictObject({
    name: name.describe("The service."),
    mode: z.enum(["http", "tcp"]).default("http").describe("The block that it stands in."),
    port: port.optional().describe("The port of its server block. Default: no block."),
    listenAddress: line.optional().describe("The address of its server block."),
    listenOptions: line.optional().describe("Further parameters of listen."),
    server: lines.describe("Directives of its server block."),
    upstream: lines.describe("Directives of its upstream block."),
    upstreamName: line.optional().describe("Default: the name of the service."),
    serverOptions: line.optional().describe("Parameters of each server."),
    order: order.default("asc").describe("The order of its servers."),
  })
  .transform(({ upstreamName, ...service }) => ({
    ...service,
    upstreamName: upstreamName ?? service.name,
  }));

const nginxSettings = z.strictObject({
  main: lines.describe("Directives at the top."),
  contexts: z
    .array(
      z.strictObject({
        name: line.describe("events, http or stream."),
        directives: lines.describe("Its directives, without semicolons."),
      }),
    )
    .default([])
    .describe("The directives of each block."),
  listenAddress: line.default("localhost").describe("The address of server blocks."),
  orderSeed: seed,
  services: z.array(nginxService).describe("The blocks of each service."),
});

const kind = <Name extends string>(name: Name) =>
  z.literal(name).describe("What the file is, and the program that would write it.");

/** What makes the text of a file in place of a template. */
export const generatorSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: kind("synapse haproxy"),
      settings: haproxySettings.describe("The text of the file."),
      services,
    }),
    z.strictObject({
      kind: kind("synapse nginx"),
      settings: nginxSettings.describe("The text of the file."),
      services,
    }),
    z.strictObject({
      kind: kind("synapse file"),
      service: name.describe("The service whose servers the file has."),
      services,
    }),
  ])
  // Fields that are left out are absent.
  .transform((settings) => settings as GeneratorSettings)
  .describe(
    "In place of source, for a target that Synapse would write: haproxy.cfg with numbers and order of its servers, nginx.conf, or " +
      "the JSON file of a service. `sidekick convert synapse` writes these settings.",
  );
