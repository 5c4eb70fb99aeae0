import { Cell } from "../../base/cell.ts";
import { race, runAll } from "../../base/signal.ts";
import { blockingQuery } from "../../clients/consul/blocking-query.ts";
import type { ConsulClient, ConsulResult } from "../../clients/consul/client.ts";
import { parseList, parseObject } from "../../clients/consul/json.ts";
import type { Values } from "../states.ts";
import { partlyDenied } from "./errors.ts";
import { valuesOf } from "./service-values.ts";

/** So many services are followed by a blocking query each, which is a connection: Consul allows a client 200 of them. */
const maxFollowed = 64;

/** More services are read one after the other: at first at once, then so many milliseconds apart, and each at most once in `pollMs`. */
const [betweenMs, pollMs] = [50, 15_000];

export interface ServicesDeps {
  readonly url: string;
  readonly client: ConsulClient;
}

type ByService = ReadonlyMap<string, Values>;

/** Gets the values of a service. */
type OnValues = (name: string, values: Values) => void;

/**
 * The entries of services, as complete states: the first one once each service has been read. `names` undefined stands for all that
 * are in the catalog. Ends only by rejecting with the first error.
 */
export async function* serviceStates(
  deps: ServicesDeps,
  names: readonly string[] | undefined,
  signal: AbortSignal,
): AsyncGenerator<Values, never> {
  signal.throwIfAborted();
  const known = new Cell<ByService>(new Map());
  const wanted = new Cell<readonly string[] | undefined>(names);
  const stop = new AbortController();
  const relay = () => stop.abort(signal.reason);
  signal.addEventListener("abort", relay);
  let failure: { readonly error: unknown } | undefined;
  const running = runAll(
    stop.signal,
    (s) => (names ? Promise.resolve() : followNames(deps, wanted, s)),
    (s) => followWanted(deps, wanted, known, s),
  ).catch((error: unknown) => {
    failure = { error };
    known.set(known.value);
  });
  try {
    for (let isComplete = false; ; ) {
      const { version } = known;
      if (failure) throw failure.error;
      isComplete ||= wanted.value?.every((name) => known.value.has(name)) ?? false;
      if (isComplete) yield new Map([...known.value.values()].flatMap((values) => [...values]));
      await known.newer(version, signal);
    }
  } finally {
    stop.abort();
    signal.removeEventListener("abort", relay);
    await running;
  }
}

/** Keeps the names of all services. */
async function followNames(
  { url, client }: ServicesDeps,
  wanted: Cell<readonly string[] | undefined>,
  signal: AbortSignal,
): Promise<void> {
  for await (const result of blockingQuery(client, { path: "/catalog/services" }, signal)) {
    if (result.isFiltered) throw partlyDenied(url, "list all services: name them in templates");
    const names = Object.keys(parseObject(result.text, "a list of services")).sort();
    if (names.join("\n") !== wanted.value?.join("\n")) wanted.set(names);
  }
}

async function followWanted(
  deps: ServicesDeps,
  wanted: Cell<readonly string[] | undefined>,
  known: Cell<ByService>,
  signal: AbortSignal,
): Promise<void> {
  const onValues: OnValues = (name, values) => known.set(new Map(known.value).set(name, values));
  for (;;) {
    const { version, value: names } = wanted;
    if (names) {
      const kept = [...known.value].filter(([name]) => names.includes(name));
      known.set(new Map(kept));
    }
    await race(
      signal,
      (s) => wanted.newer(version, s),
      (s) => followAll(deps, names ?? [], onValues, s),
    );
  }
}

/** Ends only by rejecting, except without services. */
async function followAll(
  deps: ServicesDeps,
  names: readonly string[],
  onValues: OnValues,
  signal: AbortSignal,
): Promise<void> {
  if (names.length === 0) return await new Cell(undefined).newer(0, signal);
  if (names.length > maxFollowed) return await poll(deps, names, onValues, signal);
  await runAll(
    signal,
    ...names.map((name) => async (s: AbortSignal) => {
      const path = pathOf(name);
      for await (const result of blockingQuery(deps.client, { path }, s))
        onValues(name, read(name, result, deps));
    }),
  );
}

async function poll(
  deps: ServicesDeps,
  names: readonly string[],
  onValues: OnValues,
  signal: AbortSignal,
): Promise<never> {
  const { client } = deps;
  const { clock } = client;
  for (let isFirst = true; ; isFirst = false) {
    const startedMs = clock.now();
    for (const name of names) {
      onValues(name, read(name, await client.query({ path: pathOf(name) }, signal), deps));
      if (!isFirst) await clock.sleep(betweenMs, signal);
    }
    await clock.sleep(Math.max(0, startedMs + pollMs - clock.now()), signal);
  }
}

function read(name: string, result: ConsulResult, { url }: ServicesDeps): Values {
  if (result.isFiltered) throw partlyDenied(url, `read the service ${name} and its nodes`);
  return valuesOf(name, parseList(result.text, "a list of instances"));
}

function pathOf(name: string): string {
  return `/health/service/${encodeURIComponent(name)}`;
}
