import { z } from "zod";
import { isHost } from "../../../model/host.ts";
import { amount, count, inline, optional, portNumber, word } from "../scalars.ts";

const label = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** One of `default_servers`. */
export const serverSchema = z.strictObject({
  name: optional(word),
  host: z.string().refine(isHost, "expected a host name or an IP address"),
  port: portNumber,
  id: optional(count),
  weight: optional(amount),
  haproxy_server_options: optional(inline),
  haproxy_server_id: optional(count),
  labels: optional(z.record(z.string(), label)),
});
