import type { ServerResponse } from "node:http";
import { parseGoDuration } from "./durations.ts";
import { denied, failed, HttpError } from "./errors.ts";
import type { Indexes } from "./indexes.ts";

/** A request as the routes see it. */
export interface Request {
  readonly method: string;
  /** Decoded, without `/v1`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
  readonly token: string;
  /** Aborts when the client is gone. */
  readonly gone: AbortSignal;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A result of a query, with its own index. */
export interface Queried {
  readonly index: number;
  readonly answer: Answer;
}

const maxWaitMs = 600_000;
const defaultWaitMs = 300_000;

/**
 * Answers at once, or with `?index=N` once the result has a higher index or the wait is over, which takes up to a sixteenth longer.
 * `evaluate` may throw, as when the leader is lost.
 */
export async function blockingQuery(
  { query, gone }: Request,
  indexes: Indexes,
  evaluate: () => Queried,
  random: () => number,
): Promise<Answer> {
  const minIndex = Number(query.get("index") ?? 0);
  let result = evaluate();
  if (minIndex > 0 && result.index <= minIndex) {
    const wait = query.get("wait");
    const waitMs = Math.min(maxWaitMs, wait ? parseGoDuration(wait) : defaultWaitMs);
    result = await new Promise<Queried>((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        stop();
        gone.removeEventListener("abort", leave);
        settle();
      };
      const check = (mustAnswer: boolean) => {
        try {
          const now = evaluate();
          if (mustAnswer || now.index > minIndex) end(() => resolve(now));
        } catch (error) {
          end(() => reject(error));
        }
      };
      const leave = () => end(() => reject(failed("the client is gone")));
      const timer = setTimeout(() => check(true), waitMs * (1 + random() / 16));
      const stop = indexes.watch(check);
      gone.addEventListener("abort", leave);
    });
  }
  const headers = {
    "X-Consul-Index": String(result.index),
    "X-Consul-KnownLeader": "true",
    "X-Consul-LastContact": "0",
    ...result.answer.headers,
  };
  return { ...result.answer, headers };
}

export function send(response: ServerResponse, { status = 200, headers = {}, body }: Answer): void {
  const isText = typeof body === "string" || Buffer.isBuffer(body);
  response.writeHead(status, {
    "Content-Type": isText ? "text/plain" : "application/json",
    ...headers,
  });
  response.end(isText ? body : body === undefined ? "" : JSON.stringify(body));
}

export function errorAnswer(error: unknown): Answer {
  if (error instanceof HttpError) return { status: error.status, body: error.message };
  throw error;
}

/** What a token may do. */
export interface Token {
  /** Prefixes of keys, without a leading slash. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Names of services; true for all. */
  readonly services: readonly string[] | true;
}

/** Access control: without tokens, everything is allowed. */
export class Acl {
  readonly tokens = new Map<string, Token>();

  #of(token: string): Token | undefined {
    if (this.tokens.size === 0) return all;
    if (token === "") return none;
    const found = this.tokens.get(token);
    if (!found) throw denied("ACL not found");
    return found;
  }

  mayRead(token: string, key: string): boolean {
    return covers(this.#of(token)?.reads, key);
  }

  mayReadService(token: string, name: string): boolean {
    const { services } = this.#of(token) ?? none;
    return services === true || services.includes(name);
  }

  assertWrites(token: string, key: string): void {
    if (!covers(this.#of(token)?.writes, key))
      throw denied(`Permission denied: token lacks permission 'key:write' on "${key}"`);
  }

  assertService(token: string, name: string): void {
    if (!this.mayReadService(token, name))
      throw denied(`Permission denied: token lacks permission 'service:write' on "${name}"`);
  }
}

const all: Token = { reads: [""], writes: [""], services: true };
const none: Token = { reads: [], writes: [], services: [] };

function covers(prefixes: readonly string[] = [], key: string): boolean {
  return prefixes.some((prefix) => key.startsWith(prefix));
}
