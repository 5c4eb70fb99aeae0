import { z } from "zod";
import { path } from "../base/schema.ts";
import { type Address, parseAddress } from "../model/endpoint.ts";

const expectedAddress = "expected an address and a port such as 127.0.0.1:9102 or [::1]:9102";

export const statusSchema = z
  .strictObject({
    socket: path
      .optional()
      .describe(
        "The control socket, which sidekick status, drain and others connect to. Default: a path that these " +
          "commands derive from the path of the configuration file.",
      ),
    listen: z
      .string()
      .refine((text) => parseAddress(text) !== undefined, expectedAddress)
      .transform((text) => parseAddress(text) as Address)
      .optional()
      .describe(
        "The address of a read-only HTTP server with /healthz, /readyz, /status and /metrics. Default: none.",
      ),
    hosts: z
      .array(z.string().min(1))
      .default([])
      .describe(
        "Further names by which clients may address the HTTP server. Addresses, names without a dot, the name of this " +
          "machine, and names in .localhost, .local, .internal and .home.arpa always may; a request for any other name " +
          "is answered with status 421, so that no web page can read the status through a browser.",
      ),
    page: z
      .boolean()
      .default(false)
      .describe(
        "Whether the HTTP server has a page for browsers at /, which shows what is served and why, live. It only shows: to all " +
          "clients that reach the address, and with the values of entries.",
      ),
  })
  .refine(({ page, listen }) => !page || listen !== undefined, {
    path: ["page"],
    message: "the page needs status.listen",
  })
  .describe("Where the agent reports its status. It always has a control socket.");
