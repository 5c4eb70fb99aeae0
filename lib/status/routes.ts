import type { Reason, StatusReport } from "./contract.ts";
import { reasonMeanings } from "./reasons.ts";

/** `/healthz`, `/readyz` and `/status` of a server: plain text and JSON, computed from the report at each request. */
export function statusRoutes(report: () => StatusReport) {
  const route = (answer: (report: StatusReport) => StatusAnswer) => ({
    methods: ["GET", "HEAD"],
    answer: () => answer(report()),
  });
  return {
    "/healthz": route(({ healthy, reasons }) =>
      condition(
        healthy,
        "healthy",
        reasons.filter(({ kind }) => reasonMeanings[kind].isUnhealthy),
      ),
    ),
    "/readyz": route(({ ready, reasons }) =>
      condition(
        ready,
        "ready",
        reasons.filter(({ kind }) => reasonMeanings[kind].isUnready),
      ),
    ),
    "/status": route((now) => ({
      status: 200,
      type: "application/json",
      body: `${JSON.stringify(now, undefined, 2)}\n`,
    })),
  };
}

interface StatusAnswer {
  readonly status: number;
  readonly type: "text/plain; charset=utf-8" | "application/json";
  readonly body: string;
}

/** 200 with a word, or 503 with the reasons, one a line. */
function condition(holds: boolean, word: string, reasons: readonly Reason[]): StatusAnswer {
  const type = "text/plain; charset=utf-8";
  return holds
    ? { status: 200, type, body: `${word}\n` }
    : { status: 503, type, body: `${reasons.map(({ message }) => message).join("\n")}\n` };
}
