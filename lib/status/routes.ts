import { printable, printableJson } from "../base/printable.ts";
import { isHealthy, isReady, notReadyReasons, stalledLoops } from "./conditions.ts";
import type { StatusReport } from "./contract.ts";
import { limited } from "./limit.ts";

/** `/healthz`, `/readyz` and `/status` of a server: plain text and JSON, computed from the report at each request. */
export function statusRoutes(report: () => StatusReport) {
  const route = (answer: (report: StatusReport) => StatusAnswer) => ({
    methods: ["GET", "HEAD"],
    answer: () => answer(report()),
  });
  return {
    "/healthz": route((now) => condition(isHealthy(now), "healthy", stalledLoops(now))),
    "/readyz": route((now) => condition(isReady(now), "ready", notReadyReasons(now))),
    "/status": route((now) => {
      const all = { healthy: isHealthy(now), ready: isReady(now), ...limited(now) };
      return {
        status: 200,
        type: "application/json",
        body: `${printableJson(all, 2)}\n`,
      };
    }),
  };
}

interface StatusAnswer {
  readonly status: number;
  readonly type: "text/plain; charset=utf-8" | "application/json";
  readonly body: string;
}

/** The most reasons in an answer. */
const mostReasons = 100;

/** 200 with a word, or 503 with the reasons, one a line. */
function condition(holds: boolean, word: string, reasons: readonly string[]): StatusAnswer {
  const type = "text/plain; charset=utf-8";
  const more = reasons.length - mostReasons;
  const lines = [...reasons.slice(0, mostReasons), ...(more > 0 ? [`and ${more} more`] : [])];
  return holds
    ? { status: 200, type, body: `${word}\n` }
    : { status: 503, type, body: `${lines.map(printable).join("\n")}\n` };
}
