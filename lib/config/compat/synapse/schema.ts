import { z } from "zod";
import { path } from "../../../base/schema.ts";
import { amount, count, flag, optional, portNumber, word } from "../scalars.ts";
import { discoveryMultiSchema, discoverySchema } from "./discovery-schema.ts";
import { haproxySchema, haproxyServiceSchema } from "./haproxy-schema.ts";
import { nginxSchema, nginxServiceSchema } from "./nginx-schema.ts";
import { serverSchema } from "./server-schema.ts";

export const serviceSchema = z.strictObject({
  discovery: optional(discoverySchema),
  discovery_multi: optional(discoveryMultiSchema),
  default_servers: optional(z.array(serverSchema)),
  keep_default_servers: optional(flag),
  use_previous_backends: optional(flag),
  backend_port_override: optional(portNumber),
  leader_election: optional(flag),
  load_test_concurrency: optional(count),
  haproxy: optional(haproxyServiceSchema),
  nginx: optional(nginxServiceSchema),
  file_output: optional(z.strictObject({ disabled: optional(flag) })),
});

const statsdSchema = z.strictObject({
  host: optional(z.string()),
  port: optional(portNumber),
  sample_rate: optional(z.record(z.string(), amount)),
});

/** A configuration of Synapse. */
export const synapseSchema = z.strictObject({
  services: optional(z.record(word, serviceSchema)),
  service_conf_dir: optional(path),
  haproxy: optional(haproxySchema),
  nginx: optional(nginxSchema),
  file_output: optional(z.strictObject({ output_directory: path })),
  statsd: optional(statsdSchema),
});

export type SynapseConfig = z.infer<typeof synapseSchema>;
export type ServiceConfig = z.infer<typeof serviceSchema>;
