import type { GoFlag } from "../go-flags.ts";

/** An option of registrator. */
export interface RegistratorOption extends GoFlag {
  readonly kind: "text" | "boolean" | "integer";
  /** Its meaning, for the help. */
  readonly help: string;
}

const option = (kind: RegistratorOption["kind"]) => (name: string, help: string) => {
  return { name, kind, isBoolean: kind === "boolean", help };
};

const [text, boolean, integer] = [option("text"), option("boolean"), option("integer")];

/** Every option of registrator 7. */
export const options: readonly RegistratorOption[] = [
  text("ip", "the address at which ports are advertised"),
  boolean("internal", "advertise addresses and ports of the containers"),
  boolean("explicit", "register only containers with a SERVICE_NAME"),
  text("useIpFromLabel", "a label that has the address of its container"),
  text("tags", "tags of all services, with commas between them"),
  integer("ttl", "seconds for which entries outlive the agent (default 10)"),
  integer("ttl-refresh", "given with -ttl; the agent chooses the interval"),
  integer("resync", "not needed: a removed entry is restored at once"),
  text("deregister", "always; on-success is not supported"),
  boolean("cleanup", "not needed: entries end with the agent"),
  integer("retry-attempts", "not needed: failures are retried without a limit"),
  integer("retry-interval", "not needed: failures are retried with back-off"),
  boolean("version", "print the version"),
  boolean("help", "print this"),
];
