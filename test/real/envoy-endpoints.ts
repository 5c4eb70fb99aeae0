import { z } from "zod";

const address = z.strictObject({
  socket_address: z.strictObject({
    address: z.union([z.ipv4(), z.ipv6()]),
    port_value: z.int().min(1).max(65_535),
  }),
});

const endpoint = z.strictObject({
  endpoint: z.strictObject({ address }),
  load_balancing_weight: z.int().min(1).optional(),
  health_status: z
    .enum(["UNKNOWN", "HEALTHY", "UNHEALTHY", "DRAINING", "TIMEOUT", "DEGRADED"])
    .optional(),
});

/**
 * The fields that Envoy's documentation has for a file of EDS (envoy.service.discovery.v3.DiscoveryResponse), as far as a template writes
 * them: no Debian package of Envoy exists to run it. A cluster's file has exactly one resource.
 */
const endpoints = z.strictObject({
  version_info: z.string(),
  resources: z.tuple([
    z.strictObject({
      "@type": z.literal("type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"),
      cluster_name: z.string().min(1),
      endpoints: z.array(z.strictObject({ lb_endpoints: z.array(endpoint) })),
    }),
  ]),
});

/** The ports of the endpoints in a file of EDS. Throws if Envoy would not know a field of it. */
export function edsPorts(text: string): readonly number[] {
  const [{ endpoints: localities }] = endpoints.parse(JSON.parse(text)).resources;
  return localities.flatMap(({ lb_endpoints }) =>
    lb_endpoints.map((one) => one.endpoint.address.socket_address.port_value),
  );
}
