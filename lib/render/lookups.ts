import { abortable } from "../base/signal.ts";
import { faults } from "./faults.ts";
import type { Lookups, SrvTarget } from "./helpers/contract.ts";

/** How names are resolved; `node:dns/promises` outside of tests. */
export interface Resolver {
  lookup(host: string, options: { all: true }): Promise<readonly { readonly address: string }[]>;
  resolveSrv(name: string): Promise<readonly SrvTarget[]>;
}

/** Interrupts a rendering that asks for a name which has not been resolved yet. */
class Unresolved extends Error {
  override readonly name = "Unresolved";
}

/** How often a rendering may be interrupted: names that depend on names that depend on names … */
const mostRounds = 20;

type Question = () => Promise<readonly unknown[]>;

/**
 * Renders with names resolved on the way. A rendering waits for nothing, but DNS does: one that asks for
 * a new name is given up, the name is resolved, and it is done again. Every call resolves afresh. A name
 * that cannot be resolved is RENDER_LOOKUP_FAILED: an empty answer would empty a proxy.
 */
export async function withLookups<T>(
  template: string,
  resolver: Resolver,
  rendering: (lookups: Lookups) => T,
  signal: AbortSignal,
): Promise<T> {
  const known = new Map<string, readonly unknown[]>();
  for (let round = 0; round < mostRounds; round += 1) {
    const wanted = new Map<string, Question>();
    try {
      return rendering(lookups(resolver, known, wanted));
    } catch (error) {
      if (!(error instanceof Unresolved)) throw error;
    }
    for (const [name, ask] of wanted) {
      const answer = abortable(ask(), signal).catch((cause: unknown) => {
        throw signal.aborted ? cause : faults.RENDER_LOOKUP_FAILED({ name, template }, cause);
      });
      known.set(name, await answer);
    }
  }
  throw faults.RENDER_LOOKUP_FAILED({ name: `a chain of more than ${mostRounds} names`, template });
}

/** Answers from what is known; notes what is not, and interrupts. */
function lookups(
  resolver: Resolver,
  known: ReadonlyMap<string, readonly unknown[]>,
  wanted: Map<string, Question>,
): Lookups {
  const answer = (name: string, ask: Question) => {
    const found = known.get(name);
    if (found) return found;
    wanted.set(name, ask);
    throw new Unresolved(name);
  };
  return {
    ip: (host) => answer(host, () => addresses(resolver, host)) as readonly string[],
    srv: (name) => answer(`SRV ${name}`, () => targets(resolver, name)) as readonly SrvTarget[],
  };
}

async function addresses(resolver: Resolver, host: string): Promise<readonly string[]> {
  const found = await resolver.lookup(host, { all: true });
  return [...new Set(found.map(({ address }) => address))].sort();
}

async function targets(resolver: Resolver, name: string): Promise<readonly SrvTarget[]> {
  const order = (a: SrvTarget, b: SrvTarget) =>
    a.priority - b.priority || b.weight - a.weight || (a.name < b.name ? -1 : 1) || a.port - b.port;
  return [...(await resolver.resolveSrv(name))].sort(order);
}
