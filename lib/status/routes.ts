import { printable, printableJson } from "../base/printable.ts";
import type { Assessment, Reason, StatusReport } from "./contract.ts";
import { limited } from "./limit.ts";
import { reasonMeanings } from "./reasons.ts";

/** `/healthz`, `/readyz` and `/status` of a server: plain text and JSON, computed from the report at each request. */
export function statusRoutes({ report, health }: Answers) {
  const route = (answer: () => StatusAnswer) => ({ methods: ["GET", "HEAD"], answer });
  return {
    "/healthz": route(() => {
      const { healthy, reasons } = health();
      const stalled = reasons.filter(({ kind }) => reasonMeanings[kind].isUnhealthy);
      return condition(healthy, "healthy", stalled);
    }),
    "/readyz": route(() => {
      const { ready, reasons } = report();
      const unready = reasons.filter(({ kind }) => reasonMeanings[kind].isUnready);
      return condition(ready, "ready", unready);
    }),
    "/status": route(() => ({
      status: 200,
      type: "application/json",
      body: `${printableJson(limited(report()), 2)}\n`,
    })),
  };
}

/** The sources of the answers. */
export interface Answers {
  readonly report: () => StatusReport;
  readonly health: () => Pick<Assessment, "healthy" | "reasons">;
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
    : {
        status: 503,
        type,
        body: `${reasons.map(({ message }) => printable(message)).join("\n")}\n`,
      };
}
