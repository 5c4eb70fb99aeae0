import type { TestContext } from "node:test";
import type { Keyspace, Session } from "../../lib/keyspace/contract.ts";
import { closing } from "./keyspace-watching.ts";

/** One empty store of a kind, and clients of it. */
export interface Fixture {
  /** Another client, as independent as one in another process. Disposing it equals a crash. */
  open(): Promise<Keyspace>;
  /** The shortest TTL of the store, in milliseconds: tests wait for it to pass. */
  readonly ttlMs: number;
  /** Writes an entry as an operator does by hand, replacing one that exists. */
  writeWithoutSession(key: string, value: string): Promise<void>;
  /** Makes the store expire every session, as after an outage that outlasts their TTL. */
  expireSessions(): Promise<void>;
}

/** A TTL that does not pass during a test, in milliseconds. */
export const longMs = 60_000;

/** A client that is disposed at the end of the test. */
export async function opened(t: TestContext, fixture: Fixture): Promise<Keyspace> {
  const keyspace = await fixture.open();
  t.after(closing(`disposing ${keyspace.url}`, () => keyspace[Symbol.asyncDispose]()));
  return keyspace;
}

/** A session that is closed at the end of the test. */
export async function opening(
  t: TestContext,
  keyspace: Keyspace,
  ttlMs = longMs,
): Promise<Session> {
  const session = await keyspace.open(ttlMs, t.signal);
  t.after(closing("closing a session", () => session.close()));
  return session;
}
