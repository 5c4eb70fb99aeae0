import { z } from "zod";
import { path } from "../../base/schema.ts";
import { isHost } from "../../model/endpoint.ts";
import { isQuotable, quotable } from "../../model/names.ts";

export const schema = z
  .strictObject({
    socket: path
      .default("/var/run/docker.sock")
      .describe("The unix socket of the engine, Docker's or Podman's."),
    address: z
      .enum(["published", "container", "host"])
      .default("published")
      .describe(
        "Where others reach a container: at the address where its port is published; at its own address " +
          "in a network of containers; or at the host's, whichever address of it the port is published at.",
      ),
    network: z
      .string()
      .min(1)
      .optional()
      .describe(
        "With address: container, the network whose address counts, where there are several.",
      ),
    ip: z
      .string()
      .refine(isHost, "expected a host name or an IP address (IPv6 without brackets)")
      .optional()
      .describe("The host's address for others; that of its default route unless said otherwise."),
    loopback: z
      .boolean()
      .default(false)
      .describe(
        "Whether ports count that are published at 127.0.0.1 or ::1, which only this host reaches.",
      ),
    explicit: z
      .boolean()
      .default(false)
      .describe("Whether only what is given a name by a label (or SERVICE_NAME) is announced."),
    useIpFromLabel: z
      .string()
      .min(1)
      .optional()
      .describe("A label of containers that says which address to announce, if they have it."),
    tags: z
      .array(z.string().min(1).refine(isQuotable, `expected ${quotable}`))
      .default([])
      .describe("Tags for every instance, besides its own."),
    commands: z
      .boolean()
      .default(false)
      .describe(
        "Whether labels may name commands for this agent to run as checks: whoever starts a container, or makes " +
          "its image, then runs commands as the user of the agent.",
      ),
  })
  .describe("Finds containers by their ports, labels and environment, as registrator does.");

export type DockerSettings = z.infer<typeof schema>;
