import type { Explain } from "../lib/control/contract.ts";
import type { Overview } from "../lib/overview/contract.ts";
import type { ExplainDeps, Explained } from "./explain.ts";
import type { OverviewDeps, OverviewSources } from "./overview.ts";

/** What answers questions that are asked from time to time. */
export interface Answering {
  readonly explain: Explain;
  /** Makes an overview. */
  readonly overview: (signal: AbortSignal) => Promise<Overview>;
}

/** Loads the code of an answer with the first question: most agents are never asked. */
export function answeringOnDemand(
  explained: Explained,
  sources: OverviewSources,
  deps: ExplainDeps & OverviewDeps,
): Answering {
  const explain = once(async () => (await import("./explain.ts")).createExplain(explained, deps));
  const overview = once(async () => (await import("./overview.ts")).createOverview(sources, deps));
  return {
    explain: {
      instance: async (name, signal) => await (await explain()).instance(name, signal),
      line: async (target, line, signal) => await (await explain()).line(target, line, signal),
    },
    overview: async (signal) => await (await overview())(signal),
  };
}

/** Two questions at the same time get the same answerer. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => (loading ??= load());
}
