import { z } from "zod";
import { isNetwork } from "../base/networks.ts";
import { isPublicKey } from "../view/trust/public-key.ts";

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

const keySchema = z.strictObject({
  public: z
    .string()
    .refine(isPublicKey, "expected a public key of Ed25519, such as openssl pkey -pubout prints")
    .describe("The public key of Ed25519: PEM, or its line of base64."),
  services: z
    .array(z.string().min(1))
    .min(1, "expected at least one service")
    .describe("The services that the key may sign; * stands for any characters."),
  hosts: hosts.optional(),
});

export const trustSchema = z
  .strictObject({
    services: z
      .record(z.string(), ruleSchema)
      .default({})
      .describe(
        "Where the instances of a service may be, by its name. The others are quarantined.",
      ),
    keys: z
      .record(z.string().regex(/^[\w.-]{1,64}$/), keySchema)
      .default({})
      .describe(
        "The keys that sign entries, by the id that presence.sign has. A service that any of them lists needs a signature of such a key.",
      ),
    otherwise: z
      .enum(["accept", "refuse"])
      .default("accept")
      .describe("What becomes of the entries of services that have neither a rule nor a key."),
  })
  .describe(
    "Which entries are trusted as instances: what does not fit is quarantined. See docs/trust.md. Default: all entries.",
  );
