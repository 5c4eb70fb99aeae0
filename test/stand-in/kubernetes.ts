/**
 * A stand-in for the API server of Kubernetes, written from its documentation
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/): lists in pages, watches with bookmarks, resource versions that
 * expire (410), tokens. It holds EndpointSlices of any namespace. No API server is to be had as a Debian package.
 */
import { readFileSync } from "node:fs";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import type { TestContext } from "node:test";
import { listen } from "../support/listen.ts";

export interface StandInSettings {
  /** The certificate and key of the server; without them it speaks HTTP, as behind `kubectl proxy`. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** How many items a list has at the most, whatever limit is asked for. */
  readonly pageSize?: number;
}

/** An EndpointSlice as in the API; what the stand-in adds to its metadata is left out. */
export interface RawSlice {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly [field: string]: unknown;
}

interface Stored {
  readonly namespace: string;
  readonly version: number;
  readonly slice: RawSlice;
}

interface Change extends Stored {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
}

interface Watch {
  readonly response: ServerResponse;
  readonly matches: (one: Stored) => boolean;
}

export class KubernetesStandIn {
  /** Each request, as `GET path?query`. */
  readonly requests: string[] = [];
  /** The tokens that are accepted; undefined for all requests. */
  tokens: ReadonlySet<string> | undefined;
  /** The status with which all requests are answered, as in an outage. */
  failing: number | undefined;
  readonly #settings: StandInSettings;
  readonly #stored = new Map<string, Stored>();
  readonly #pages = new Map<
    string,
    { readonly rest: readonly Stored[]; readonly version: number }
  >();
  readonly #watches = new Set<Watch>();
  #history: Change[] = [];
  #version = 100;
  /** Versions before this one have expired. */
  #oldest = 0;
  #lastPage = 0;

  constructor(settings: StandInSettings = {}) {
    this.#settings = settings;
  }

  /** Starts to listen; resolves with `host:port`. */
  async start(t: Pick<TestContext, "after">): Promise<string> {
    const { tls } = this.#settings;
    const answer: RequestListener = (request, response) => this.#answer(request, response);
    const pem = tls && { cert: readFileSync(tls.cert), key: readFileSync(tls.key) };
    const server = pem ? createServer(pem, answer) : createPlainServer(answer);
    return `127.0.0.1:${await listen(t, server)}`;
  }

  put(namespace: string, slice: RawSlice): void {
    const key = `${namespace}/${slice.metadata.name}`;
    const type = this.#stored.has(key) ? "MODIFIED" : "ADDED";
    this.#version += 1;
    const stored = { namespace, version: this.#version, slice };
    this.#stored.set(key, stored);
    this.#publish({ type, ...stored });
  }

  remove(namespace: string, name: string): void {
    const stored = this.#stored.get(`${namespace}/${name}`);
    if (!stored) return;
    this.#stored.delete(`${namespace}/${name}`);
    this.#version += 1;
    this.#publish({ type: "DELETED", ...stored, version: this.#version });
  }

  /** Forgets all earlier versions: a watch or a page from one of them is answered with 410. */
  compact(): void {
    this.#oldest = this.#version;
    this.#history = [];
    this.#pages.clear();
  }

  /** Sends a bookmark with the current version to all watches. */
  bookmark(): void {
    const metadata = { resourceVersion: String(this.#version) };
    for (const { response } of this.#watches) {
      send(response, { type: "BOOKMARK", object: { kind: "EndpointSlice", metadata } });
    }
  }

  /** Ends all watches: in order, as after their timeout, or by closing the connections. */
  endWatches(how: "end" | "destroy" | "expired"): void {
    for (const { response } of this.#watches) {
      if (how === "expired") send(response, { type: "ERROR", object: status(410, "Expired") });
      if (how === "destroy") response.destroy();
      else response.end();
    }
    this.#watches.clear();
  }

  get watches(): number {
    return this.#watches.size;
  }

  #publish(change: Change): void {
    this.#history.push(change);
    for (const { response, matches } of this.#watches) {
      if (matches(change)) send(response, eventOf(change));
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${request.method} ${request.url}`);
    const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://stand-in");
    const refused = this.#refusal(request.headers.authorization);
    const isWatch = ["1", "true"].includes(query.get("watch") ?? "");
    if (refused) reply(response, refused);
    else if (pathname in discovery) reply(response, discovery[pathname] ?? {});
    else if (isWatch) this.#watch(pathname, query, response);
    else reply(response, this.#list(pathname, query));
  }

  #refusal(authorization = ""): object | undefined {
    if (this.failing !== undefined) return status(this.failing, "InternalError");
    const token = /^Bearer (.*)$/.exec(authorization)?.[1] ?? "";
    return this.tokens && !this.tokens.has(token) ? status(401, "Unauthorized") : undefined;
  }

  #list(pathname: string, query: URLSearchParams): object {
    if (!path.test(pathname)) return status(404, "NotFound");
    const from = query.get("continue");
    const page = from === null ? undefined : this.#pages.get(from);
    if (from !== null && !page) return status(410, "Expired");
    const all = page?.rest ?? [...this.#stored.values()].filter(matching(pathname, query));
    const version = page?.version ?? this.#version;
    const limit = Number(query.get("limit")) || Number.POSITIVE_INFINITY;
    const size = Math.min(limit, this.#settings.pageSize ?? Number.POSITIVE_INFINITY);
    const rest = all.slice(size);
    this.#lastPage += 1;
    const token = rest.length > 0 ? `page-${this.#lastPage}` : undefined;
    if (token) this.#pages.set(token, { rest, version });
    const metadata = { resourceVersion: String(version), ...(token && { continue: token }) };
    const items = all.slice(0, size).map(objectOf);
    return { kind: "EndpointSliceList", apiVersion: groupVersion, metadata, items };
  }

  #watch(pathname: string, query: URLSearchParams, response: ServerResponse): void {
    const since = Number(query.get("resourceVersion") ?? 0);
    if (since < this.#oldest) {
      reply(response, status(410, "Expired"));
      return;
    }
    const matches = matching(pathname, query);
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    for (const change of this.#history) {
      if (change.version > since && matches(change)) send(response, eventOf(change));
    }
    const watch = { response, matches };
    this.#watches.add(watch);
    response.on("close", () => this.#watches.delete(watch));
    const seconds = Number(query.get("timeoutSeconds"));
    if (seconds > 0) setTimeout(() => response.end(), seconds * 1000).unref();
  }
}

const groupVersion = "discovery.k8s.io/v1";
const groupVersions = [{ groupVersion, version: "v1" }];

/** What a client is answered that asks which resources there are. */
const discovery: Readonly<Record<string, object>> = {
  "/version": { major: "1", minor: "29", gitVersion: "v1.29.0" },
  "/api": { kind: "APIVersions", versions: ["v1"] },
  "/api/v1": { kind: "APIResourceList", groupVersion: "v1", resources: [] },
  "/apis": {
    kind: "APIGroupList",
    apiVersion: "v1",
    groups: [
      {
        name: "discovery.k8s.io",
        versions: groupVersions,
        preferredVersion: groupVersions[0],
      },
    ],
  },
  [`/apis/${groupVersion}`]: {
    kind: "APIResourceList",
    groupVersion,
    resources: [
      {
        ...{ name: "endpointslices", singularName: "", kind: "EndpointSlice", namespaced: true },
        verbs: ["get", "list", "watch"],
      },
    ],
  },
};

/** Of a path for all namespaces or one: `/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices`. */
const path = /^\/apis\/discovery\.k8s\.io\/v1\/(?:namespaces\/([^/]+)\/)?endpointslices$/;

function matching(pathname: string, query: URLSearchParams): Watch["matches"] {
  const [, namespace] = path.exec(pathname) ?? [];
  const selects = selectorOf(query.get("labelSelector") ?? "");
  return (one) =>
    (namespace === undefined || one.namespace === namespace) &&
    selects(one.slice.metadata.labels ?? {});
}

/** `name`, `name=value` and `name in (a,b)`, with commas between several. */
function selectorOf(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  const terms = text.match(/[^,()]+(?:\([^)]*\))?/g) ?? [];
  return (labels) =>
    terms.every((term) => {
      const [, name = "", list, value] =
        /^\s*([^\s=]+)(?:\s+in\s+\(([^)]*)\)|==?(.*))?$/.exec(term) ?? [];
      const found = labels[name];
      if (list !== undefined) return found !== undefined && list.split(",").includes(found);
      return value === undefined ? found !== undefined : found === value;
    });
}

function objectOf({ namespace, version, slice }: Stored): object {
  const metadata = { ...slice.metadata, namespace, resourceVersion: String(version) };
  return { kind: "EndpointSlice", apiVersion: groupVersion, ...slice, metadata };
}

function eventOf(change: Change): object {
  return { type: change.type, object: objectOf(change) };
}

function status(code: number, reason: string): object {
  const rest = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure" };
  return { ...rest, message: `${reason} (stand-in)`, reason, code };
}

function reply(response: ServerResponse, object: object): void {
  const code = "code" in object ? Number(object.code) : 200;
  response.writeHead(code, { "content-type": "application/json" });
  response.end(JSON.stringify(object));
}

function send(response: ServerResponse, event: object): void {
  response.write(`${JSON.stringify(event)}\n`);
}
