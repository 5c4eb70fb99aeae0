/** What a reload of the configuration has changed. */
export interface Reloaded {
  /** A clause for each change; empty if there is none. */
  readonly changes: readonly string[];
  /** Sentences about what has no effect in the configuration. */
  readonly warnings: readonly string[];
}

/** The answer to a request. */
export interface Answer {
  /** The status code of HTTP. */
  readonly status: number;
  readonly type:
    | "text/plain; charset=utf-8"
    | "text/plain; version=0.0.4; charset=utf-8"
    | "text/html; charset=utf-8"
    | "text/css; charset=utf-8"
    | "text/javascript; charset=utf-8"
    | "text/event-stream"
    | "application/json";
  /** Further headers, by name in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Streamed;
}

/** Writes a body of unknown length. Ends the answer by resolving; rejects only when `signal` aborts, as it does if the client has gone. */
export type Streamed = (sink: Sink, signal: AbortSignal) => Promise<void>;

export interface Sink {
  write(text: string): void;
  /** So many bytes wait in this process for the client to take them. */
  waiting(): number;
}

/** What a route may know of a request beside its body. */
export interface Asked {
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** What a path of a server answers. */
export interface Route {
  readonly methods: readonly string[];
  /** Answers one request; what cannot be done is an answer, too. Rejects only when `signal` aborts. */
  readonly answer: (body: string, signal: AbortSignal, asked: Asked) => Answer | Promise<Answer>;
}

/** The routes of a server, by path. */
export type Routes = Readonly<Record<string, Route>>;

/**
 * The requests for instances of an agent, each of which it has. When `signal` aborts, the request stays, and only the wait for
 * its end is given up.
 */
export interface InstanceOperations {
  /** Drains instances, and resolves once the keyspace no longer has their entries. */
  drain(request: DrainRequest, signal: AbortSignal): Promise<Drained>;
  /** Ends the requested drains of instances, and resolves once the healthy ones are registered. */
  undrain(names: readonly string[], signal: AbortSignal): Promise<Operated>;
  /**
   * Resolves once discovery has completed, with what is left of the limit; both in milliseconds. Throws CONTROL_NOT_DISCOVERED at the
   * limit.
   */
  untilDiscovered(limitMs: number, signal: AbortSignal): Promise<number>;
  /** Resolves once enough watchers serve the instances, or at the limit. */
  untilServed(request: ServedRequest, signal: AbortSignal): Promise<Served>;
  /** Sets the weight of instances, and resolves once the keyspace has it. Throws CONTROL_NO_WEIGHTS. */
  weigh(request: WeightRequest, signal: AbortSignal): Promise<Operated>;
}

/** Selects instances in the body of a request: either by `names`, or `all` of them. */
export interface InstanceSelection {
  /** `<service>/<id>` of each. */
  readonly names: readonly string[];
  readonly all: boolean;
}

export interface DrainRequest extends Pick<InstanceSelection, "names"> {
  /** How long they are draining before they are removed, in milliseconds; at most 20 days. */
  readonly forMs: number;
  /** Remove them sooner, once every watcher that serves them has acknowledged; `forMs` is the limit. */
  readonly wait: boolean;
}

/** The result of a drain. */
export interface Drained {
  readonly drained: readonly string[];
  /** The instances that were undrained meanwhile, or are gone. */
  readonly cancelled: readonly string[];
  /** The watchers that had not acknowledged at the limit. */
  readonly missing: readonly { readonly name: string; readonly watcher: string }[];
}

export interface ServedRequest extends Pick<InstanceSelection, "names"> {
  /** The share of the watchers that has to serve each of them, above 0 to 1. */
  readonly minShare: number;
  /** How long it waits at the most, in milliseconds; at most 20 days. */
  readonly limitMs: number;
}

/** The result of a wait until instances are served. */
export interface Served {
  readonly instances: readonly {
    readonly name: string;
    readonly isServed: boolean;
    /** False if the keyspace or its watchers could not be asked, so that it may be served all the same. */
    readonly isKnown: boolean;
    /** How many watchers serve it. */
    readonly serving: number;
    /** How many watchers read its service. */
    readonly watchers: number;
    /** The watchers that do not serve it. */
    readonly missing: readonly string[];
    /** Why it is not served, or not known to be; empty if it is. */
    readonly why: string;
  }[];
}

export interface WeightRequest extends Pick<InstanceSelection, "names"> {
  /** 0 to 256; undefined for the weight that they have without a request. */
  readonly weight: number | undefined;
}

/** The instances after a request. */
export interface Operated {
  readonly instances: readonly OperatedInstance[];
}

export interface OperatedInstance {
  readonly name: string;
  /** The registered weight; absent if it is not registered. */
  readonly weight?: number;
  /** Why it is not registered, or is draining; empty otherwise. */
  readonly why: string;
}

/** Applies every file again. Resolves after `limitMs` milliseconds at the latest, with what is known by then. */
export type Retry = (limitMs: number, signal: AbortSignal) => Promise<Retried>;

/** The result of a retry. */
export interface Retried {
  readonly files: readonly {
    readonly target: string;
    /** `unknown` if the attempt has not ended. */
    readonly state: "in sync" | "failing" | "unknown";
    /** Why it is not in sync; empty if it is. */
    readonly why: string;
  }[];
}

/** The requests for the files of a watcher. */
export interface FileOperations {
  readonly retry: Retry;
  /** Resolves once the texts are verified and the pin is saved. Throws why they are refused; then nothing has changed. */
  pin(request: PinRequest, signal: AbortSignal): Promise<Pinned>;
  /** Ends the pins of the files of a target, or of all files; resolves once that is saved. */
  unpin(request: { readonly target?: string }): Promise<Pinned>;
}

export interface PinRequest {
  /** The generation whose texts are to stay. */
  readonly n: number;
  /** How long, in milliseconds; at most 7 days. */
  readonly forMs: number;
  readonly reason: string;
  /** How long it waits until the texts are verified, in milliseconds. */
  readonly limitMs: number;
}

/** The files that are pinned now, or no longer are. */
export interface Pinned {
  readonly files: readonly {
    readonly target: string;
    readonly generation: number;
    /** Until when it is pinned, or would have been: ISO 8601, UTC. */
    readonly until: string;
  }[];
}

/** Explains instances and lines of files: lib/overview has the types of the answers. */
export interface Explain {
  instance(name: string, signal: AbortSignal): Promise<object>;
  line(target: string, number: number, signal: AbortSignal): Promise<object>;
}

/** Answers questions about the journal of a watcher: lib/journal has the types of the answers. */
export interface JournalQueries {
  history(query: { readonly target?: string; readonly limit: number }): Promise<object>;
  texts(n: number): Promise<object>;
}
