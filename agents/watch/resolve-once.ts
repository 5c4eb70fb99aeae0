import { race } from "../../lib/base/signal.ts";
import { HostNames } from "../../lib/resolve/host-names.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { firstWaitMs, NameView } from "./resolve-names.ts";
import type { WatchDeps } from "./state.ts";

/** The services with the addresses of their host names, each of which is looked up once. */
export async function resolveOnce(
  pools: Pools,
  deps: Pick<WatchDeps, "resolver" | "clock" | "random" | "log">,
  signal: AbortSignal,
): Promise<Pools> {
  const names = new HostNames(new Map(), { firstMs: firstWaitMs, maxMs: firstWaitMs }, deps);
  const view = new NameView(names, deps);
  const unreported = { report: () => {}, resolved: () => {} };
  const resolved = await race(
    signal,
    (s) => names.run(unreported, s),
    (s) => view.resolve(pools, firstWaitMs, s),
  );
  return resolved.pools;
}
