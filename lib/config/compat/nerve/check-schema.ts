import { z } from "zod";
import { isHost } from "../../../model/host.ts";
import { amount, count, flag, optional, portNumber } from "../scalars.ts";

const seconds = amount.refine((s) => s > 0, "expected a number of seconds above 0");
const times = count.refine((n) => n >= 1, "expected 1 or more");

const common = {
  name: optional(z.string()),
  host: optional(z.string().refine(isHost, "expected a host name or an IP address")),
  port: optional(portNumber),
  timeout: optional(seconds),
  rise: optional(times),
  fall: optional(times),
};

const header = z.union([z.string(), z.number()]).transform(String);

export const checkSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("tcp"), ...common }),
  z.strictObject({
    type: z.literal("http"),
    ...common,
    uri: z
      .string()
      .regex(/^\/[\x21-\x7e]*$/, "expected a path that starts with / and has no spaces"),
    ssl: optional(flag),
    headers: optional(z.record(z.string(), header)),
    expect: optional(z.string()),
    read_timeout: optional(seconds),
    open_timeout: optional(seconds),
    ssl_timeout: optional(seconds),
  }),
  z.strictObject({ type: z.literal("redis"), ...common }),
  z.strictObject({ type: z.literal("zookeeper"), ...common }),
  z.strictObject({ type: z.literal("noop"), ...common }),
]);

export const checksSchema = z.array(checkSchema);

export type NerveCheck = z.infer<typeof checkSchema>;
