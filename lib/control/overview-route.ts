import { printableJson } from "../base/printable.ts";
import type { Route } from "./contract.ts";

/** `/overview`: what an operator asks first, as JSON. */
export function overviewRoute(overview: (signal: AbortSignal) => Promise<object>): Route {
  return {
    methods: ["GET", "HEAD"],
    answer: async (_, signal) => {
      const body = `${printableJson(await overview(signal))}\n`;
      return { status: 200, type: "application/json", body };
    },
  };
}
