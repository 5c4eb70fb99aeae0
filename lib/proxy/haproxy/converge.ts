import { type Differences, differences, type ServerSettings, type Step } from "./differences.ts";
import type { Pools } from "./plan.ts";
import type { NoAnswer, RuntimeSession } from "./runtime-session.ts";
import { parseServersState, type Running, type RunningPools } from "./servers-state.ts";

/** It serves what it should, after so many servers were changed; or why that could not be brought about. */
export type Converged = Adjusted | { readonly why: string };

export interface Adjusted {
  /** How many were added, set or taken out: also what somebody else had changed. */
  readonly servers: number;
  /** Servers that get nothing new, and that somebody is still connected to; as `pool/server`. */
  readonly leaving: readonly string[];
}

/**
 * Makes a running process have the servers that are wanted, whatever it has now, and proves it by looking
 * again. A server that is taken out is gone for new requests at once; it is forgotten when it can be, now or
 * the next time.
 */
export async function converge(
  talk: RuntimeSession,
  wanted: Pools,
  madeWith: ServerSettings,
  signal: AbortSignal,
): Promise<Converged> {
  const running = await look(talk, wanted, signal);
  if ("why" in running) return running;
  const todo = differences(wanted, running.pools, madeWith);
  if (todo.beyond.length > 0) return { why: todo.beyond.join(", ") };
  const steps = [...todo.add, ...todo.set, ...todo.drop];
  const refused = await tell(talk, steps, signal);
  if (refused !== undefined) return { why: refused };
  if (steps.length > 0) {
    const added = new Set(todo.add.map(({ server }) => server));
    const why = await unproved(talk, pick(wanted, steps), madeWith, added, signal);
    if (why !== undefined) return { why };
  }
  const leaving = await forget(talk, todo.leftovers, signal);
  return { servers: steps.length, leaving };
}

/** Why what was told is not so, or undefined when it is. */
async function unproved(
  talk: RuntimeSession,
  wanted: Pools,
  madeWith: ServerSettings,
  added: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const now = await look(talk, wanted, signal);
  if ("why" in now) return now.why;
  const knows: ServerSettings = (pool, server) =>
    added.has(`${pool}/${server}`)
      ? wanted.get(pool)?.get(server)?.settings
      : madeWith(pool, server);
  const left = firstOf(differences(wanted, now.pools, knows));
  return left === undefined ? undefined : `${left} is not as it was told to be`;
}

function firstOf({ add, set, drop, beyond }: Differences): string | undefined {
  return [...add, ...set, ...drop][0]?.server ?? beyond[0];
}

/** The pools that steps are about. */
function pick(pools: Pools, steps: readonly Step[]): Pools {
  const names = new Set(steps.map(({ server }) => server.slice(0, server.lastIndexOf("/"))));
  return new Map([...pools].filter(([name]) => names.has(name)));
}

/** Asks for one pool after the other: the master of 2.6 may swallow the end of an answer that is very long. */
async function look(
  talk: RuntimeSession,
  wanted: Pools,
  signal: AbortSignal,
): Promise<{ readonly pools: RunningPools } | { readonly why: string }> {
  const questions = [...wanted.keys()].map((pool) => `show servers state ${pool}`);
  const answers = await talk.ask(questions, signal);
  if (typeof answers === "string") return { why: inWords(answers) };
  const pools = new Map<string, ReadonlyMap<string, Running>>();
  for (const [i, pool] of [...wanted.keys()].entries()) {
    const servers = parseServersState(answers[i] ?? "");
    if (!servers) return { why: `${questions[i]}: ${answers[i]}` };
    pools.set(pool, servers);
  }
  return { pools };
}

/** Returns what haproxy refused, in its own words. */
async function tell(
  talk: RuntimeSession,
  steps: readonly Step[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const commands = steps.flatMap((step) => step.commands);
  const answers = await talk.ask(commands, signal);
  if (typeof answers === "string") return inWords(answers);
  for (const [i, command] of commands.entries()) {
    const answer = answers[i] ?? "";
    if (!isDone(command, answer)) return `${command}: ${answer}`;
  }
  return undefined;
}

/** Has servers deleted that nobody is connected to; returns the others. */
async function forget(
  talk: RuntimeSession,
  leftovers: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const commands = leftovers.map((server) => `del server ${server}`);
  const answers = await talk.ask(commands, signal);
  if (typeof answers === "string") return leftovers;
  return leftovers.filter((_, i) => !isDone("del server", answers[i] ?? ""));
}

function isDone(command: string, answer: string): boolean {
  if (command.startsWith("add server")) return answer.includes("New server registered");
  if (command.startsWith("del server")) return answer.includes("Server deleted");
  return answer === "";
}

function inWords(answer: NoAnswer): string {
  return answer === "gone" ? "the worker hung up" : "the worker does not answer";
}
