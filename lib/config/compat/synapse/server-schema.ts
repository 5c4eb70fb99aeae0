import { z } from "zod";
import { amount, count, inline, optional, portNumber, word } from "./scalars.ts";

const label = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** One of `default_servers`. */
export const serverSchema = z.strictObject({
  name: optional(word),
  host: word,
  port: portNumber,
  id: optional(count),
  weight: optional(amount),
  haproxy_server_options: optional(inline),
  haproxy_server_id: optional(count),
  labels: optional(z.record(z.string(), label)),
});
