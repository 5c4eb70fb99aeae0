import type { TemplateStatus } from "../status/contract.ts";

/** The faults with which a check command or a proxy rejects a text. */
const rejections: ReadonlySet<string> = new Set([
  "INSTALL_CHECK_FAILED",
  "PROXY_REJECTED",
  "PROXY_COMMAND_FAILED",
]);

/** Why a file does not have what the keyspace has: `the file /etc/haproxy/haproxy.cfg was refused: …`; its fault is the reason. */
export function whyNotApplied({ target, fault }: Pick<TemplateStatus, "target" | "fault">): string {
  const what = rejections.has(fault?.code ?? "") ? "was refused" : "cannot be applied";
  const [words = ""] = (fault?.message ?? "").split("\n");
  return `the file ${target} ${what}${words && `: ${words}`}`;
}
