import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { Cell } from "../../lib/base/cell.ts";
import { systemClock } from "../../lib/base/clock.ts";
import { Fault } from "../../lib/base/fault.ts";
import { retry } from "../../lib/base/retry.ts";
import { never, untilAborted } from "../../lib/base/signal.ts";
import type { KeySource, Keyspace } from "../../lib/keyspace/contract.ts";
import { follow } from "../../lib/keyspace/follow.ts";
import { openKeyspace } from "../../lib/keyspace/kinds.ts";
import type { ListTurns } from "../../lib/keyspace/list-turns.ts";
import { publish } from "../../lib/keyspace/publish.ts";
import { keyspaceSchema } from "../../lib/keyspace/schema.ts";
import type { Batch, Entries } from "../../lib/model/entry.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { atEnd, eventually } from "../support/process.ts";

const backoff = { firstMs: 20, maxMs: 500 };
const deps = { clock: systemClock, random: Math.random, onFault: () => {} };

/** Opens the keyspace of a configuration. */
export async function opened(config: unknown): Promise<Keyspace> {
  return await openKeyspace(keyspaceSchema.parse(config), deps);
}

/** A keyspace that is disposed of at the end of the test. */
export async function opening(t: TestContext, config: unknown): Promise<Keyspace> {
  const keyspace = await opened(config);
  atEnd(t, () => keyspace[Symbol.asyncDispose]());
  return keyspace;
}

/** A watch from which the test reads the batches one by one. */
export function reading(keyspace: KeySource, prefix: string): AsyncIterator<Batch> {
  return keyspace.watch([prefix], never)[Symbol.asyncIterator]();
}

/** Follows the keyspace into the cell until the end of the test, across outages of its server. */
export function following(
  t: TestContext,
  keyspace: Keyspace,
  prefix: string,
  cell: Cell<Snapshot | undefined>,
  turns?: ListTurns,
): void {
  const work = (progress: () => void, s: AbortSignal) =>
    follow(keyspace, [prefix], cell, progress, s, turns);
  running(t, (signal) => retry(work, backoff, deps, signal));
}

/** Publishes until the end of the test, across outages of the server. */
export function publishing(
  t: TestContext,
  keyspace: Keyspace,
  desired: Cell<Entries>,
  ttlMs: number,
  seen?: Cell<Snapshot | undefined>,
): void {
  const rules = { ttlMs, backoff };
  running(t, (signal) =>
    retry(
      (onPublished, s) =>
        publish(keyspace, desired, rules, { ...deps, onPublished, ...(seen && { seen }) }, s),
      backoff,
      deps,
      signal,
    ),
  );
}

function running(t: TestContext, work: (signal: AbortSignal) => Promise<void>): void {
  const stop = new AbortController();
  const done = untilAborted(stop.signal, work(stop.signal));
  atEnd(t, async () => {
    stop.abort();
    await done;
  });
}

/** For `assert.rejects`: a fault that may be retried, with one of these codes. */
export function isFault(...codes: string[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Fault, String(error));
    assert.ok(error.retry);
    assert.ok(codes.includes(error.code), `${error.code}: ${error.message}`);
    return true;
  };
}

export function same(snapshot: Snapshot | undefined, desired: Entries): boolean {
  return (
    snapshot?.size === desired.size &&
    [...desired].every(([key, value]) => snapshot.get(key)?.value === value)
  );
}

export function keysOf({ value }: Cell<Snapshot | undefined>): string {
  return (value?.chunks ?? [])
    .flat()
    .map(({ key }) => key)
    .join(",");
}

/** A server that a test kills and restarts with its data. */
interface Restartable {
  readonly url: string;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** Publishes and follows 120 changes while the server is killed three times. Fails if one does not arrive. */
export async function assertNoChangeLost(t: TestContext, server: Restartable): Promise<void> {
  const [keyspace, writer] = [await opening(t, server.url), await opening(t, server.url)];
  const cell = new Cell<Snapshot | undefined>(undefined);
  following(t, keyspace, "/web", cell);
  const desired = new Cell<Entries>(new Map());
  publishing(t, writer, desired, 60_000);
  for (let round = 1; round <= 3; round += 1) {
    for (let i = 0; i < 40; i += 1) {
      desired.set(new Map([...desired.value, [`/web/${i}`, String(round)]]));
      if (i === 20) await server.kill();
      if (i === 30) await server.restart();
    }
    await eventually("all entries are observed", () => same(cell.value, desired.value));
  }
}
