import { z } from "zod";
import { isNetwork } from "../base/networks.ts";

const hosts = z
  .array(z.string().refine(isNetwork, "expected an IP address or a network such as 10.2.0.0/16"))
  .describe("IP addresses and networks. The addresses of a host name have to be in these, too.");

const expectedPort = "expected a port from 1 to 65535, or a range such as 8000-8999";

const portRange = z
  .union([z.int(), z.string()], expectedPort)
  .transform(String)
  .refine((text) => {
    const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
    return Number(from) >= 1 && Number(from) <= Number(to) && Number(to) <= 65_535;
  }, expectedPort);

const name = z
  .string()
  .regex(/^[\w.*-]+$/, "expected a host name, in which * stands for any characters but a dot");

const ruleSchema = z.strictObject({
  hosts: hosts.optional(),
  ports: z.array(portRange).optional().describe("Ports, and ranges such as 8000-8999."),
  names: z
    .array(name)
    .optional()
    .describe(
      "Host names, such as pay-*, in which * stands for any characters but a dot. With hosts or names, one of them has to fit.",
    ),
});

export const trustSchema = z
  .strictObject({
    services: z
      .record(z.string(), ruleSchema)
      .default({})
      .describe(
        "Where the instances of a service may be, by its name. The others are quarantined.",
      ),
    otherwise: z
      .enum(["accept", "refuse"])
      .default("accept")
      .describe("What becomes of the entries of services without a rule."),
  })
  .describe(
    "Which entries are trusted as instances: what does not fit is quarantined. See docs/trust.md. Default: all entries.",
  );
