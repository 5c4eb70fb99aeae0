import type { ServerCounters } from "../../contract.ts";

/** Parses the counters: `peer <requests> <failed connections> <failed responses> <ejected or -> <address> <upstream>`. */
export function parseCounters(answer: string): readonly ServerCounters[] {
  const lines = answer.matchAll(/^peer (\d+) (\d+) (\d+) (\S+) (\S+) (.+)$/gm);
  return Array.from(
    lines,
    ([, requests, connections, responses, state, address = "", pool = ""]) => ({
      pool,
      address,
      requests: Number(requests),
      failedConnections: Number(connections),
      failedResponses: Number(responses),
      ...(state === "ejected" && { down: "it has failed within the last 2s" }),
    }),
  );
}
