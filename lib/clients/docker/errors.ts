import { type Fault, sentence, systemCode } from "../../base/fault.ts";
import { faults } from "./faults.ts";

/** What an error of the system means here, and what to do. */
const meanings: Readonly<Record<string, string>> = {
  ENOENT:
    "there is no such socket; is the engine running, and is its socket mounted where sidekick runs?",
  ECONNREFUSED: "nobody listens on the socket; is the engine running?",
  ENOTSOCK: "it is no socket; is another path mounted there?",
  EACCES: notAllowed("permission denied"),
  EPERM: notAllowed("operation not permitted"),
};

/** The fault that it is when a connection cannot be opened, or breaks. */
export function unreachable(socket: string, error: unknown): Fault {
  const why = meanings[systemCode(error) ?? ""] ?? sentence(error);
  return faults.DOCKER_UNREACHABLE({ socket, why }, error);
}

function notAllowed(says: string): string {
  return `${says}; let the user of sidekick into the group that owns the socket, such as docker`;
}
