import type { ServerCounters } from "./contract.ts";

/** What a proxy has against a server. */
export type Suspicion = "cannot connect" | "responses fail" | "excluded";

/** A server that fails for this proxy while its peers do not, or too often for chance. */
export interface SuspectServer extends Pick<ServerCounters, "pool" | "address"> {
  readonly suspicion: Suspicion;
  /** Why the proxy excludes it; empty otherwise. */
  readonly why: string;
}

/** The state of a server between two samples, as plain data. */
export interface ServerStanding {
  readonly latest: ServerCounters;
  /** The sample since which attempts are counted, and its time in milliseconds of the clock. */
  readonly base: ServerCounters;
  readonly baseMs: number;
  readonly suspicion?: Suspicion;
  /** For how many samples in a row it was suspected of anything. */
  readonly inARow: number;
}

/** The servers of a proxy, by pool and address. */
export type ServerStandings = ReadonlyMap<string, ServerStanding>;

/** A single sample may meet an instance that is dying, which its own agent is about to deregister. */
const samplesInARow = 2;

/** So many attempts, all of them failed, are enough beside a peer that works; and so many by themselves. */
const [fewAttempts, enoughAttempts] = [3, 10];

/** So many responses are enough to compare: an application may answer some requests with 500. */
const enoughResponses = 20;

/** From this share of failed attempts on a server is suspected, and up to this share at the median its peers work. */
const [suspectShare, peerShare] = [0.5, 0.1];

/** How long attempts are counted, in milliseconds: a server without enough of them is not suspected any longer. */
const windowMs = 60_000;

/**
 * Judges the servers of a proxy by what was counted since earlier samples. A server is suspected after two samples if attempts to connect,
 * or responses, fail for most requests and not for most of its peers in the pool; without peers that work, if all of ten connections or
 * of twenty responses fail; or if the proxy itself excludes it. The suspicion ends with the first sample that has mostly successful
 * attempts, or after a minute without enough of them.
 */
export function judgeServers(
  before: ServerStandings,
  samples: readonly ServerCounters[],
  nowMs: number,
): ServerStandings {
  const counted = samples.map((sample) => countSince(before.get(idOf(sample)), sample, nowMs));
  const pools = Map.groupBy(counted, ({ sample }) => sample.pool);
  const after = new Map<string, ServerStanding>();
  for (const one of counted) {
    const peers = pools.get(one.sample.pool) ?? [];
    after.set(idOf(one.sample), standingOf(one, peers, nowMs));
  }
  return after;
}

/** The servers that are suspected, in the order of the samples. */
export function suspectServers(standings: ServerStandings): readonly SuspectServer[] {
  return [...standings.values()].flatMap(({ latest, suspicion, inARow }) => {
    if (suspicion === undefined || inARow < samplesInARow) return [];
    const { pool, address, down = "" } = latest;
    return [{ pool, address, suspicion, why: suspicion === "excluded" ? down : "" }];
  });
}

function idOf({ pool, address }: ServerCounters): string {
  return `${pool} ${address}`;
}

/** The attempts since a base. */
interface Counted {
  readonly sample: ServerCounters;
  readonly before: ServerStanding;
  readonly attempts: number;
  readonly failedConnections: number;
  readonly responses: number;
  readonly failedResponses: number;
}

function countSince(
  known: ServerStanding | undefined,
  sample: ServerCounters,
  nowMs: number,
): Counted {
  // A program that has started again counts from 0.
  const isContinued = known !== undefined && known.latest.requests <= sample.requests;
  const fresh = { latest: sample, base: sample, baseMs: nowMs };
  const before = isContinued ? known : { inARow: 0, ...known, ...fresh };
  const { base } = before;
  const attempts = sample.requests - base.requests;
  const failedConnections = sample.failedConnections - base.failedConnections;
  const responses = attempts - failedConnections;
  const failedResponses = sample.failedResponses - base.failedResponses;
  return { sample, before, attempts, failedConnections, responses, failedResponses };
}

function standingOf(one: Counted, peers: readonly Counted[], nowMs: number): ServerStanding {
  const { sample, before } = one;
  const { base, baseMs } = before;
  const isOver = nowMs - baseMs >= windowMs;
  const judged = judge(one, peers, isOver);
  const suspicion = judged === "undecided" ? before.suspicion : judged;
  const isFresh = (judged !== undefined && judged !== "undecided") || isEnough(one) || isOver;
  return {
    latest: sample,
    ...(isFresh ? { base: sample, baseMs: nowMs } : { base, baseMs }),
    ...(suspicion !== undefined && { suspicion }),
    inARow: suspicion === undefined ? 0 : before.inARow + 1,
  };
}

/** Whether older attempts would only hide what happens from now on. */
function isEnough({ attempts, failedConnections, failedResponses }: Counted): boolean {
  const failed = failedConnections + failedResponses;
  return attempts >= enoughResponses || (attempts >= fewAttempts && failed === 0);
}

/** Undecided if a suspicion stays for lack of attempts. */
function judge(
  one: Counted,
  peers: readonly Counted[],
  isOver: boolean,
): Suspicion | "undecided" | undefined {
  const { suspicion } = one.before;
  if (one.sample.down !== undefined) return "excluded";
  if (connectionsFail(one, peers)) return "cannot connect";
  if (responsesFail(one, peers)) return "responses fail";
  if (suspicion === undefined || suspicion === "excluded" || isOver) return undefined;
  return worksAgain(one, suspicion) ? undefined : "undecided";
}

function connectionsFail(one: Counted, peers: readonly Counted[]): boolean {
  const { attempts, failedConnections } = one;
  const share = shareOf(failedConnections, attempts);
  const isAlone = worksFor(peers, one, (peer) => [peer.failedConnections, peer.attempts]);
  if (share === 1) return attempts >= (isAlone ? fewAttempts : enoughAttempts);
  return isAlone && attempts >= enoughAttempts && share >= suspectShare;
}

function responsesFail(one: Counted, peers: readonly Counted[]): boolean {
  const { responses, failedResponses } = one;
  const isAlone = worksFor(peers, one, (peer) => [peer.failedResponses, peer.responses]);
  const share = shareOf(failedResponses, responses);
  return responses >= enoughResponses && share >= (isAlone ? suspectShare : 1);
}

/** Whether there are attempts again, and most of them succeed. */
function worksAgain(one: Counted, suspicion: Suspicion): boolean {
  const isOfConnections = suspicion === "cannot connect";
  const [failed, all] = isOfConnections
    ? [one.failedConnections, one.attempts]
    : [one.failedResponses, one.responses];
  return all >= fewAttempts && shareOf(failed, all) < suspectShare;
}

function shareOf(part: number, all: number): number {
  return all > 0 ? part / all : 0;
}

/** Whether the other servers of the pool work at the median of their shares of failures. */
function worksFor(
  peers: readonly Counted[],
  one: Counted,
  counts: (peer: Counted) => readonly [failed: number, all: number],
): boolean {
  const shares = peers.flatMap((peer) => {
    const [failed, all] = counts(peer);
    return peer !== one && all >= fewAttempts ? [shareOf(failed, all)] : [];
  });
  const median = shares.toSorted((a, b) => a - b)[Math.floor(shares.length / 2)];
  return median !== undefined && median <= peerShare;
}
