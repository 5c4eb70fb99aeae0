import type { Clock } from "../../base/clock.ts";
import { ApiError } from "../../clients/kubernetes/api-error.ts";
import {
  type ApiServer,
  type WatchEvent,
  watchSeconds,
} from "../../clients/kubernetes/api-server.ts";
import { objectOf } from "../../model/formats/json.ts";
import { type Slice, sliceOf } from "./slice.ts";

/** How many slices the API server returns at once. */
const pageSize = 200;

export interface FollowDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** The slices of which services to follow. */
export interface Selection {
  readonly namespace: string;
  readonly selector: string;
}

/** All slices, or one that was added or changed, or that is gone; and the resource version of that. */
export type SliceChange =
  | { readonly revision: string; readonly all: readonly Slice[] }
  | { readonly revision: string; readonly name: string; readonly slice: Slice | undefined };

/** A server that ends watches at once, or never has what it listed, is asked again after this time, in milliseconds. */
const pauseMs = 1000;

/**
 * Yields all slices, and then each change. Watches again from the last known resource version when the server ends a watch, and lists
 * again once the server no longer has that version (410). Throws an ApiError.
 */
export async function* followSlices(
  api: ApiServer,
  selection: Selection,
  deps: FollowDeps,
  signal: AbortSignal,
): AsyncGenerator<SliceChange, never> {
  for (;;) {
    try {
      const listed = await listPages(api, selection, signal);
      yield listed;
      yield* watchFrom(listed.revision, api, selection, deps, signal);
    } catch (error) {
      // Also while it lists: the server no longer has the state of the first page.
      if (!isExpired(error)) throw error;
      await deps.clock.sleep(pauseMs * deps.random(), signal);
    }
  }
}

/** The changes since a resource version, by one watch after the other. */
async function* watchFrom(
  listed: string,
  api: ApiServer,
  selection: Selection,
  { clock, random }: FollowDeps,
  signal: AbortSignal,
): AsyncGenerator<SliceChange, never> {
  for (let revision = listed; ; ) {
    const startMs = clock.now();
    const path = watchPath(selection, revision, random());
    for await (const event of api.watch(path, signal)) {
      if (event.type === "ERROR") throw errorOf(event.object);
      revision = revisionOf(event.object) ?? revision;
      yield* changesOf(event, revision);
    }
    const lastedMs = clock.now() - startMs;
    if (lastedMs < pauseMs) await clock.sleep(pauseMs, signal);
  }
}

/** `share` in [0, 1) spreads the ends of the watches of one host. */
function watchPath(selection: Selection, resourceVersion: string, share: number): string {
  const timeoutSeconds = String(Math.round(watchSeconds * (0.8 + 0.2 * share)));
  const parameters = { watch: "1", allowWatchBookmarks: "true", resourceVersion, timeoutSeconds };
  return pathOf(selection, parameters);
}

async function listPages(api: ApiServer, selection: Selection, signal: AbortSignal) {
  const all: Slice[] = [];
  for (let next = ""; ; ) {
    const page = { limit: String(pageSize), ...(next && { continue: next }) };
    const { items, metadata } = (await api.get(pathOf(selection, page), signal)) as {
      readonly items?: unknown;
      readonly metadata?: unknown;
    };
    if (!Array.isArray(items)) throw new ApiError("the response is not a list of EndpointSlices");
    all.push(...items.flatMap((item) => sliceOf(item) ?? []));
    const { continue: following, resourceVersion } = objectOf(metadata) ?? {};
    if (typeof following === "string" && following !== "") next = following;
    else if (typeof resourceVersion === "string") return { revision: resourceVersion, all };
    else throw new ApiError("the list of EndpointSlices has no resourceVersion");
  }
}

function pathOf(
  { namespace, selector }: Selection,
  parameters: Readonly<Record<string, string>>,
): string {
  const query = new URLSearchParams({ labelSelector: selector, ...parameters });
  return `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?${query}`;
}

/** One change, or none: a bookmark only has a resource version. */
function changesOf({ type, object }: WatchEvent, revision: string): readonly SliceChange[] {
  const slice = sliceOf(object);
  if (!slice || !["ADDED", "MODIFIED", "DELETED"].includes(type)) return [];
  return [{ revision, name: slice.name, slice: type === "DELETED" ? undefined : slice }];
}

function revisionOf(object: unknown): string | undefined {
  const version = objectOf(objectOf(object)?.metadata)?.resourceVersion;
  return typeof version === "string" ? version : undefined;
}

/** The error of an event: its object is a `Status`. */
function errorOf(object: unknown): ApiError {
  const { code, message } = objectOf(object) ?? {};
  const status = typeof code === "number" ? code : 500;
  return new ApiError(typeof message === "string" ? message : "the watch failed", status);
}

function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.status === 410;
}
