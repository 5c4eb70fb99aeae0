import { abortable } from "../base/signal.ts";
import { faults } from "./faults.ts";
import { type Lookups, type SrvTarget, Unresolvable, Unresolved } from "./helpers/contract.ts";

/** Resolves DNS names; `node:dns/promises` in production. */
export interface Resolver {
  lookup(host: string, options: { all: true }): Promise<readonly { readonly address: string }[]>;
  resolveSrv(name: string): Promise<readonly SrvTarget[]>;
}

/** How often a rendering may be interrupted: the result of a lookup may be the name of the next one. */
const maxRounds = 20;

type Query = () => Promise<readonly unknown[]>;

type Answer = { readonly found: readonly unknown[] } | { readonly cause: unknown };

/**
 * Renders with DNS lookups. A rendering is synchronous, so that one which needs new names is interrupted, they are all
 * resolved at once, and the rendering starts again. Nothing is cached between calls. Throws RENDER_LOOKUP_FAILED for a
 * name that cannot be resolved: an empty list would remove servers from a proxy.
 */
export async function withLookups<T>(
  template: string,
  resolver: Resolver,
  render: (lookups: Lookups) => T,
  signal: AbortSignal,
): Promise<T> {
  const known = new Map<string, Answer>();
  for (let round = 0; round < maxRounds; round += 1) {
    const pending = new Map<string, Query>();
    try {
      return render(lookups(resolver, known, pending));
    } catch (error) {
      if (error instanceof Unresolvable) {
        throw faults.RENDER_LOOKUP_FAILED({ name: error.host, template }, error.cause);
      }
      if (!(error instanceof Unresolved)) throw error;
    }
    await Promise.all(
      Array.from(pending, async ([name, query]) => {
        known.set(name, await abortable(answerOf(query), signal));
      }),
    );
  }
  throw faults.RENDER_LOOKUP_FAILED({ name: `a chain of more than ${maxRounds} names`, template });
}

async function answerOf(query: Query): Promise<Answer> {
  try {
    return { found: await query() };
  } catch (cause) {
    return { cause };
  }
}

/** Answers from `known`; adds an unknown name to `pending` and interrupts the rendering. */
function lookups(
  resolver: Resolver,
  known: ReadonlyMap<string, Answer>,
  pending: Map<string, Query>,
): Lookups {
  const answer = (name: string, query: Query) => {
    const found = known.get(name);
    if (found && "cause" in found) throw new Unresolvable(name, found.cause);
    if (found) return found.found;
    pending.set(name, query);
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
