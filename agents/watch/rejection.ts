import { Fault } from "../../lib/base/fault.ts";

/** Whether a check command or a proxy has judged the texts, and rejected them. */
export function isRejection(error: unknown): error is Fault {
  const codes = ["INSTALL_CHECK_FAILED", "PROXY_REJECTED", "PROXY_COMMAND_FAILED"];
  return error instanceof Fault && codes.includes(error.code);
}
