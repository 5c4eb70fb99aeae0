import { type Fault, sentence, systemCode } from "../../base/fault.ts";
import { faults } from "./faults.ts";

/** Explains system errors and what to do about them. */
const explanations: Readonly<Record<string, string>> = {
  ENOENT:
    "the socket does not exist; is the engine running, and is its socket mounted where sidekick runs?",
  ECONNREFUSED: "no process listens on the socket; is the engine running?",
  ENOTSOCK: "it is not a socket; is another path mounted there?",
  EACCES: permissionDenied("permission denied"),
  EPERM: permissionDenied("operation not permitted"),
};

/** Converts the error of a connection that cannot be opened, or that breaks, into a fault. */
export function unreachable(socket: string, error: unknown): Fault {
  const why = explanations[systemCode(error) ?? ""] ?? sentence(error);
  return faults.DOCKER_UNREACHABLE({ socket, why }, error);
}

function permissionDenied(error: string): string {
  return `${error}; add the user of sidekick to the group that owns the socket, such as docker`;
}
