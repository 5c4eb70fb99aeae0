import { z } from "zod";
import { duration, path } from "../../base/schema.ts";

/** The origin of an agent's API, without a path. */
function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "") return false;
  return url.pathname === "/" && url.search === "" && url.username === "";
}

const minDeregisterMs = 60_000;

export const consulSchema = z
  .strictObject({
    url: z
      .string()
      .refine(isOrigin, "expected the URL of an agent of Consul, such as http://127.0.0.1:8500")
      .default("http://127.0.0.1:8500")
      .describe("The agent of Consul on this machine."),
    token: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Token with service:write. Default: CONSUL_HTTP_TOKEN; tokenFile keeps it out of the configuration.",
      ),
    tokenFile: path
      .optional()
      .describe("File with the token in its first line, read anew each time."),
    ca: path
      .optional()
      .describe("PEM file with the CA certificates that the agent's certificate is verified with."),
    cert: path
      .optional()
      .describe("PEM file with the client certificate, if the agent requires one."),
    key: path.optional().describe("PEM file with the private key of the client certificate."),
    ttl: duration("30s")
      .refine((ms) => ms >= 3000, "expected at least 3s")
      .describe("A service is critical if this agent has not passed its check for so long."),
    deregisterAfter: duration("10m")
      .refine((ms) => ms >= minDeregisterMs, "expected at least 1m")
      .describe("Consul deregisters a service that has been critical for so long."),
  })
  .refine(({ token, tokenFile }) => !(token && tokenFile), {
    path: ["tokenFile"],
    message: "only one of token and tokenFile is allowed",
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
    path: ["cert"],
    message: "cert and key belong together",
  })
  .describe("The agent of Consul, in which instances are services with a TTL check.");

export type ConsulConfig = z.infer<typeof consulSchema>;
