import type { Clock } from "../../lib/base/clock.ts";
import {
  judgeServers,
  type ServerStandings,
  suspectServers,
} from "../../lib/proxy/judge-servers.ts";
import { keysAt } from "../../lib/view/keys-at.ts";
import type { GroupStatus } from "./status.ts";
import type { SuspectSince, SuspectsSince } from "./suspects.ts";

/** The proxy is asked for a two-hundredth of the time at most, but once a minute: a machine that is busy makes answers slow. */
const [restPerWork, mostRestMs] = [200, 60_000];

/**
 * Asks the proxy of a group every `everyMs` milliseconds what it has counted of its servers, and keeps `suspects` equal to the instances
 * that it fails to use while it uses others. It changes nothing: whether such an instance is still served is up to its own agent.
 */
export async function observeProxy(
  status: GroupStatus,
  everyMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const { group, suspects } = status;
  let standings: ServerStandings = new Map();
  let restMs = everyMs;
  for (;;) {
    await clock.sleep(restMs, signal);
    const startMs = clock.now();
    const isKnown = group.verified !== undefined && !status.isProxyDown;
    const samples = isKnown ? ((await group.proxy?.counters?.(signal)) ?? []) : [];
    if (!isKnown) standings = new Map();
    if (samples.length > 0) standings = judgeServers(standings, samples, clock.now());
    const found = suspectsOf(standings, status, clock.now());
    if (found.size + suspects.value.size > 0) suspects.set(found);
    const tookMs = clock.now() - startMs;
    restMs = Math.max(everyMs, Math.min(restPerWork * tookMs, mostRestMs));
  }
}

function suspectsOf(
  standings: ServerStandings,
  { group: { accepted }, suspects: { value: before } }: GroupStatus,
  nowMs: number,
): SuspectsSince {
  const found = new Map<string, SuspectSince>();
  if (!accepted) return found;
  for (const { pool, address, suspicion, why } of suspectServers(standings)) {
    for (const path of keysAt(accepted, pool, address)) {
      const known = before.get(path);
      const sinceMs = known?.suspicion === suspicion ? known.sinceMs : nowMs;
      found.set(path, { suspicion, why, sinceMs });
    }
  }
  return found;
}
