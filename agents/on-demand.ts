import type { Explain } from "../lib/control/contract.ts";
import { ofWatcher } from "../lib/control/of-watcher.ts";
import type { Overview } from "../lib/overview/contract.ts";
import type { Page } from "../lib/page/open.ts";
import type { StatusReport } from "../lib/status/contract.ts";
import type { AgentsDeps } from "./deps.ts";
import type { ExplainDeps } from "./explain.ts";
import type { OverviewDeps } from "./overview.ts";
import type { Agents } from "./reload/agents.ts";

/** What answers questions that are asked from time to time. */
export interface Answering {
  readonly explain: Explain;
  /** Makes an overview. */
  readonly overview: (signal: AbortSignal) => Promise<Overview>;
}

/** The agents as they are, and the keyspaces that they use. */
type Answered = Pick<Agents, "presence" | "watch" | "mounts">;

/** Loads the code of an answer with the first question: most agents are never asked. */
export function answeringOnDemand(
  agents: Answered,
  report: () => StatusReport,
  deps: Omit<ExplainDeps & OverviewDeps, "mounts"> & Pick<AgentsDeps, "hostName">,
): Answering {
  const { hostName } = deps;
  const parts = () => ({ presence: agents.presence.agent, watch: agents.watch.agent, report });
  const explain = latest(agents, async () =>
    (await import("./explain.ts")).createExplain(parts(), { ...deps, mounts: agents.mounts }),
  );
  const overview = latest(agents, async () =>
    (await import("./overview.ts")).createOverview(
      { ...parts(), hostName },
      { ...deps, mounts: agents.mounts },
    ),
  );
  return {
    explain: {
      instance: async (name, signal) => await (await explain()).instance(name, signal),
      line: async (target, line, signal) => await (await explain()).line(target, line, signal),
    },
    overview: async (signal) => await (await overview())(signal),
  };
}

/** Opens the page of browsers once it is asked for. */
export function pageOnDemand(
  watch: Answered["watch"],
  overview: Answering["overview"],
  deps: AgentsDeps,
): () => Promise<Page> {
  const texts = async (n: number) => await ofWatcher(watch.agent, deps.pid).journal.texts(n);
  let opening: Promise<Page> | undefined;
  return () =>
    (opening ??= import("../lib/page/open.ts").then(({ openPage }) =>
      openPage({ overview, journal: { texts } }, deps),
    ));
}

/** Two questions at the same time get the same answerer; after a reload of the configuration they get another one. */
function latest<T>(
  { presence, watch, ...agents }: Answered,
  load: () => Promise<T>,
): () => Promise<T> {
  let loading: Promise<T> | undefined;
  let seen: readonly unknown[] = [];
  return () => {
    const now = [presence.agent, watch.agent, watch.agent?.parts.groups, agents.mounts];
    const isSame = now.every((one, i) => one === seen[i]);
    seen = now;
    if (!loading || !isSame) loading = load();
    return loading;
  };
}
