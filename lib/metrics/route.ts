import type { Family } from "./contract.ts";
import { formatFamilies, textType } from "./text.ts";

/** The route `/metrics` of a server; the families are collected at each request. */
export function metricsRoute(collect: () => readonly Family[]) {
  return {
    methods: ["GET", "HEAD"],
    answer: () => ({ status: 200, type: textType, body: formatFamilies(collect()) }) as const,
  };
}
