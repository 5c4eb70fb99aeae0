import { z } from "zod";
import { path } from "../../../base/schema.ts";
import { isHost } from "../../../model/host.ts";
import { isInstanceId, isQuotable, isServiceName } from "../../../model/names.ts";
import { folderSchema } from "../../folder-schema.ts";
import { amount, count, flag, inline, optional, portNumber } from "../scalars.ts";
import { checksSchema } from "./check-schema.ts";

const name = z
  .string()
  .max(200)
  .refine(isInstanceId, "expected no space, slash, quote or control character, nor \\ ; { } # $ %");

const host = z.string().refine(isHost, "expected a host name or an IP address");

/** The port is published with the type that it is written with. */
const port = z
  .union([z.int(), z.string()])
  .refine((written) => portNumber.safeParse(written).success, {
    error: "expected a port from 1 to 65535",
  });

const label = z
  .union([z.string(), z.number(), z.boolean()])
  .refine((value) => isQuotable(String(value)), "expected text without quotes and \\ ; { } # $ %");

const zkHosts = z.union(
  [z.string().transform((text) => text.split(",")), z.array(z.string()).min(1)],
  "expected a list of hosts",
);

/** A service without the settings of its reporter. */
const common = {
  host,
  port,
  check_interval: optional(amount),
  check_mocked: optional(flag),
  checks: optional(checksSchema),
  rate_limiting: optional(
    z.strictObject({
      average_rate: optional(amount),
      max_burst: optional(amount),
      shadow_mode: optional(flag),
    }),
  ),
  weight: optional(count.refine((weight) => weight <= 256, "expected 0 to 256")),
  haproxy_server_options: optional(inline),
  labels: optional(z.record(z.string(), label)),
  load_test_concurrency: optional(count),
};

const zookeeper = z.strictObject({
  ...common,
  reporter_type: z.literal("zookeeper"),
  zk_hosts: zkHosts,
  zk_path: folderSchema,
  node_type: optional(
    z.enum(["ephemeral", "ephemeral_sequential", "persistent", "persistent_sequential"]),
  ),
  use_path_encoding: optional(flag),
  ttl_seconds: optional(amount),
});

const etcd = z.strictObject({
  ...common,
  reporter_type: z.literal("etcd"),
  etcd_host: z.string().min(1),
  etcd_port: optional(portNumber),
  etcd_path: optional(z.union([z.literal("/"), folderSchema])),
});

const base = z.strictObject({ ...common, reporter_type: z.enum(["base", "noop"]) });

/** `reporter_type` is set in all of them: `withReporters`. */
export const serviceSchema = z.discriminatedUnion("reporter_type", [zookeeper, etcd, base]);

const serviceName = z
  .string()
  .max(200)
  .refine(isServiceName, "expected the name of a service: letters, digits and _ . : - only");

/** A configuration of Nerve. */
export const nerveSchema = z.strictObject({
  instance_id: name,
  services: optional(z.record(serviceName, serviceSchema)),
  service_conf_dir: optional(path),
  heartbeat_path: optional(path),
  max_repeated_report_failures: optional(count),
  statsd: optional(z.strictObject({ host: optional(z.string()), port: optional(portNumber) })),
});

export type NerveConfig = z.infer<typeof nerveSchema>;
export type NerveService = z.infer<typeof serviceSchema>;
export type ZookeeperService = z.infer<typeof zookeeper>;
export type EtcdService = z.infer<typeof etcd>;
