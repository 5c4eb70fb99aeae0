/** The answer to a request. */
export interface Answer {
  /** The status code of HTTP. */
  readonly status: number;
  readonly type: "text/plain; charset=utf-8" | "application/json";
  readonly body: string;
}

/** What a path of a server answers. */
export interface Route {
  readonly methods: readonly string[];
  /** Answers one request; what cannot be done is an answer, too. Rejects only when `signal` aborts. */
  readonly answer: (body: string, signal: AbortSignal) => Answer | Promise<Answer>;
}

/** The routes of a server, by path. */
export type Routes = Readonly<Record<string, Route>>;

/**
 * Drains instances, each of which the agent has. A drain that has begun goes on when `signal` aborts; only the wait for its
 * end is given up.
 */
export type Drain = (request: DrainRequest, signal: AbortSignal) => Promise<Drained>;

/** The body of `POST /drain`. */
export interface DrainRequest {
  /** `<service>/<id>` of each; empty for all instances of the agent. */
  readonly names: readonly string[];
  /** How long they are draining before they are removed, in milliseconds. */
  readonly forMs: number;
  /** Remove them sooner, once every watcher that serves them has acknowledged; `forMs` is the limit. */
  readonly wait: boolean;
}

/** The result of a drain: the keyspace no longer has the entries. */
export interface Drained {
  readonly drained: readonly string[];
  /** The watchers that had not acknowledged at the limit. */
  readonly missing: readonly { readonly name: string; readonly watcher: string }[];
}
