import { z } from "zod";
import { path } from "../../base/schema.ts";
import { isHost } from "../../model/host.ts";
import { isQuotable, quotable } from "../../model/names.ts";

const nameRule = z
  .strictObject({
    image: z
      .string()
      .min(1)
      .optional()
      .describe(
        "The images, such as registry/pay*, as the engine reports them; with any tag unless it has one.",
      ),
    project: z.string().min(1).optional().describe("The compose projects."),
  })
  .refine(({ image, project }) => image !== undefined || project !== undefined, {
    error: "expected image or project",
  });

export const schema = z
  .strictObject({
    socket: path
      .default("/var/run/docker.sock")
      .describe("The unix socket of the container engine, Docker or Podman."),
    address: z
      .enum(["published", "container", "host"])
      .default("published")
      .describe(
        "The advertised address: the one at which the port is published, the container's own address in a " +
          "container network, or the host's address, whichever of its addresses the port is published at.",
      ),
    network: z
      .string()
      .min(1)
      .optional()
      .describe(
        "With address: container, the network to take the address from, if the container has several; by default the one " +
          "with which it was created.",
      ),
    ip: z
      .string()
      .refine(isHost, "expected a host name or an IP address (IPv6 without brackets)")
      .optional()
      .describe(
        "The host's advertised address; by default those of its default routes, IPv4 and IPv6.",
      ),
    loopback: z
      .boolean()
      .default(false)
      .describe(
        "Whether to register ports published at 127.0.0.1 or ::1, which only this host can reach.",
      ),
    explicit: z
      .boolean()
      .default(false)
      .describe("Whether to register only ports with a name from a label or SERVICE_NAME."),
    useIpFromLabel: z
      .string()
      .min(1)
      .optional()
      .describe("The label from which the advertised address is taken, if a container has it."),
    ids: z
      .enum(["container", "address"])
      .default("container")
      .describe(
        "The last part of the key of an instance: <host>:<container>:<port>, or the id of its labels; or its advertised address, which registrator uses in ZooKeeper, for format: registrator.",
      ),
    tags: z
      .array(z.string().min(1).refine(isQuotable, `expected ${quotable}`))
      .default([])
      .describe("Tags added to every instance."),
    names: z
      .record(z.string(), nameRule)
      .optional()
      .describe(
        "Which containers may claim the services with these names, by label, environment or image: * stands for any characters " +
          "but a slash. Other claims are refused; services without a rule are for every container. See docs/trust.md.",
      ),
    commands: z
      .boolean()
      .default(false)
      .describe(
        "Whether labels may set commands that this agent runs as checks. Anyone able to start a container, or to build " +
          "its image, can then run commands as the user of the agent.",
      ),
  })
  .describe("Discovers containers by their ports, labels and environment, like registrator.");

export type DockerSettings = z.infer<typeof schema>;
