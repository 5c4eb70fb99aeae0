import type { TestContext } from "node:test";
import type { Keyspace, Session } from "../../lib/keyspace/contract.ts";
import { closing } from "./keyspace-watching.ts";

/** What a kind of keyspace brings to the suite: one empty store, and clients of it. */
export interface Fixture {
  /** Another client, as independent of the others as one in another process. Disposing it is a crash. */
  open(): Promise<Keyspace>;
  /** The shortest time to live that the store keeps: tests wait for it to pass. */
  readonly ttlMs: number;
  /** Has the store drop every session and its entries, as after an outage that lasted too long. */
  expireSessions(): Promise<void>;
}

/** A time to live that does not end during a test. */
export const longMs = 60_000;

/** A client that is disposed of when the test is over. */
export async function opened(t: TestContext, fixture: Fixture): Promise<Keyspace> {
  const keyspace = await fixture.open();
  t.after(closing(`disposing ${keyspace.url}`, () => keyspace[Symbol.asyncDispose]()));
  return keyspace;
}

/** A session that is closed when the test is over. */
export async function opening(
  t: TestContext,
  keyspace: Keyspace,
  ttlMs = longMs,
): Promise<Session> {
  const session = await keyspace.open(ttlMs, t.signal);
  t.after(closing("closing a session", () => session.close()));
  return session;
}
