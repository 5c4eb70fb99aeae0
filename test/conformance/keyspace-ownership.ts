import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { Fault } from "../../lib/base/fault.ts";
import type { Keyspace, PutRules, Session } from "../../lib/keyspace/contract.ts";
import { type HeldEntry, heldEntryOf } from "../../lib/keyspace/replaceable.ts";
import { eventually } from "../support/process.ts";
import { type Fixture, opened, opening } from "./keyspace-fixture.ts";
import { valuesSeen, type Watching, watching } from "./keyspace-watching.ts";

type Its = (promise: string, body: (t: TestContext, fixture: Fixture) => Promise<void>) => void;

/** The promises about the session that an entry belongs to. */
export function ownershipConformance(its: Its): void {
  its("a put resolves with the key of the entry in the store", async (t, fixture) => {
    const keyspace = await opened(t, fixture);
    const session = await opening(t, keyspace);
    assert.equal(await session.put("/web/a", "1", t.signal), "/web/a");
    assert.equal(await session.put("/web/a", "2", t.signal), "/web/a");
  });

  its("an entry names the session that keeps it", async (t, fixture) => {
    const [one, other] = [await opened(t, fixture), await opened(t, fixture)];
    const [first, second] = [await opening(t, one), await opening(t, other)];
    assert.notEqual(first.id, second.id);
    await first.put("/web/a", "1", t.signal);
    await second.put("/web/b", "1", t.signal);
    const observed = await watching(t, other, ["/web"]).ready();
    assert.deepEqual(ownersSeen(observed), { "/web/a": first.id, "/web/b": second.id });
    // A change of the value alone, of the owner alone, and of both.
    await first.put("/web/a", "2", t.signal);
    await second.put("/web/a", "2", t.signal, takingOver(first));
    await second.put("/web/c", "2", t.signal);
    await observed.entry("/web/a", ({ owner }) => owner === second.id);
    await observed.until({ "/web/a": "2", "/web/b": "1", "/web/c": "2" });
    const listed = await watching(t, one, ["/web"]).ready();
    for (const { entries } of [observed, listed]) {
      assert.deepEqual(
        [...entries.values()].map(({ owner }) => owner),
        Array(3).fill(second.id),
      );
    }
  });

  its("an entry that another client has written belongs to no session", async (t, fixture) => {
    const keyspace = await opened(t, fixture);
    const session = await opening(t, keyspace);
    await session.put("/web/a", "1", t.signal);
    const observed = await watching(t, keyspace, ["/web"]).ready();
    await fixture.writeWithoutSession("/web/a", "1");
    await fixture.writeWithoutSession("/web/b", "1");
    await observed.entry("/web/a", ({ owner }) => owner === undefined);
    await observed.entry("/web/b", ({ owner }) => owner === undefined);
    await session.put("/web/a", "1", t.signal);
    await observed.entry("/web/a", ({ owner }) => owner === session.id);
  });

  its("a session that overwrites replaces the entry of another session", async (t, fixture) => {
    const [one, other] = [await opened(t, fixture), await opened(t, fixture)];
    const [holder, rival] = [await opening(t, one), await opening(t, other)];
    await rival.put("/web/a", "1", t.signal);
    await holder.put("/web/a", "2", t.signal, { overwrites: true });
    const observed = await watching(t, one, ["/web"]).ready();
    assert.deepEqual(ownersSeen(observed), { "/web/a": holder.id });
    await rival.close();
    await holder.put("/web/b", "1", t.signal);
    await observed.until({ "/web/a": "2", "/web/b": "1" });
  });

  its("a session has the TTL that the store has granted", async (t, fixture) => {
    const session = await opening(t, await opened(t, fixture), fixture.ttlMs);
    assert.equal(session.ttlMs, fixture.ttlMs);
  });

  its("an entry with the same value stays with its session, which is named", async (t, fixture) => {
    const [one, other] = [await opened(t, fixture), await opened(t, fixture)];
    const [owner, standby] = [await opening(t, one), await opening(t, other)];
    await owner.put("/web/a", "same", t.signal);
    const stranger = await opening(t, other);
    for (const rules of [undefined, takingOver(stranger)]) {
      const held = { storeKey: "/web/a", value: "same", owner: owner.id };
      await assert.rejects(standby.put("/web/a", "same", t.signal, rules), isHeld(held));
    }
    await standby.remove("/web/a", t.signal);
    await standby.close();
    const observed = await watching(t, one, ["/web"]).ready();
    assert.deepEqual(ownersSeen(observed), { "/web/a": owner.id });
    await owner.close();
    await stranger.put("/web/a", "same", t.signal);
    await observed.entry("/web/a", (entry) => entry.owner === stranger.id);
  });

  its("only an entry with the same value is taken over", async (t, fixture) => {
    const [one, other] = [await opened(t, fixture), await opened(t, fixture)];
    const [owner, standby] = [await opening(t, one), await opening(t, other)];
    await owner.put("/web/a", "1", t.signal);
    const taking = standby.put("/web/a", "2", t.signal, takingOver(owner));
    await assert.rejects(taking, isConflict("/web/a", "1"));
  });

  its("an entry that differs by its stamp alone is the same, and keeps it", async (t, fixture) => {
    const [one, other] = [await opened(t, fixture), await opened(t, fixture)];
    const [owner, standby] = [await opening(t, one), await opening(t, other)];
    const stamped = (at: number) => `{"host":"10.0.0.1","port":80,"at":${at}}`;
    await owner.put("/web/a", stamped(1), t.signal);
    const held = { storeKey: "/web/a", value: stamped(1), owner: owner.id };
    await assert.rejects(standby.put("/web/a", stamped(2), t.signal), isHeld(held));
    await standby.put("/web/a", stamped(2), t.signal, takingOver(owner));
    const observed = await watching(t, one, ["/web"]).ready();
    assert.deepEqual(ownersSeen(observed), { "/web/a": standby.id });
    assert.deepEqual(valuesSeen(observed), { "/web/a": stamped(1) });
  });

  its("of two sessions that take over an entry, one holds it", async (t, fixture) => {
    const clients = [await opened(t, fixture), await opened(t, fixture)];
    for (let i = 0; i < 10; i += 1) {
      const key = `/web/${i}`;
      const owner = await opening(t, clients[0] as Keyspace);
      await owner.put(key, "same", t.signal);
      const rivals = await Promise.all(clients.map((client) => opening(t, client)));
      const puts = rivals.map((one) => one.put(key, "same", t.signal, takingOver(owner)));
      const results = await Promise.allSettled(puts);
      const winner = results.findIndex(({ status }) => status === "fulfilled");
      const loser = results[1 - winner];
      assert.ok(loser?.status === "rejected", `${i}: both hold it`);
      const held = { storeKey: key, value: "same", owner: rivals[winner]?.id ?? "" };
      isHeld(held)(loser.reason);
    }
  });

  its(
    "an entry that is taken over is never absent, and outlives its former session",
    async (t, fixture) => {
      const [old, current] = [await opened(t, fixture), await opened(t, fixture)];
      const crashed = await old.open(fixture.ttlMs, t.signal);
      const leaving = await opening(t, current);
      const owner = await opening(t, current);
      for (const key of ["/web/a", "/only/crashed"]) await crashed.put(key, "same", t.signal);
      for (const key of ["/web/b", "/only/leaving"]) await leaving.put(key, "same", t.signal);
      const observed = await watching(t, current, ["/"]).ready();
      for (const key of ["/web/a", "/web/b"]) {
        await owner.put(key, "same", t.signal, takingOver(crashed, leaving));
        await observed.entry(key, (entry) => entry.owner === owner.id);
      }
      await old[Symbol.asyncDispose]();
      await leaving.close();
      await observed.until({ "/web/a": "same", "/web/b": "same" });
      assert.ok(observed.history("/web/a").every((text) => text === "same"));
      const gone = observed.batches.flatMap((batch) => (batch.kind === "delta" ? batch.gone : []));
      assert.deepEqual(gone.toSorted(), ["/only/crashed", "/only/leaving"]);
      await owner.close();
      await observed.until({});
    },
  );

  its("an entry of another session with another value is not overwritten", async (t, fixture) => {
    const [one, other] = [await opened(t, fixture), await opened(t, fixture)];
    const [holder, rival] = [await opening(t, one), await opening(t, other)];
    await holder.put("/web/a", "1", t.signal);
    const observed = await watching(t, one, ["/web"]).ready();
    await assert.rejects(rival.put("/web/a", "2", t.signal), isConflict("/web/a", "1"));
    await rival.remove("/web/a", t.signal);
    await holder.put("/web/a", "3", t.signal);
    await observed.until({ "/web/a": "3" });
    assert.ok(observed.history("/web/a").every((value) => value !== "2"));
    await rival.close();
    assert.deepEqual(valuesSeen(await watching(t, one, ["/web"]).ready()), { "/web/a": "3" });
  });

  its("a key is free once its session is closed or has expired", async (t, fixture) => {
    const [one, other] = [await opened(t, fixture), await opened(t, fixture)];
    const [leaving, rival] = [await opening(t, other), await opening(t, other)];
    const crashed = await one.open(fixture.ttlMs, t.signal);
    await leaving.put("/web/a", "1", t.signal);
    await crashed.put("/web/b", "1", t.signal);
    for (const key of ["/web/a", "/web/b"]) {
      await assert.rejects(rival.put(key, "2", t.signal), isConflict(key, "1"));
    }
    await leaving.close();
    await one[Symbol.asyncDispose]();
    await rival.put("/web/a", "2", t.signal);
    await eventually("the other session has expired", async () => {
      await rival.put("/web/b", "2", t.signal);
      return true;
    });
    const observed = await watching(t, other, ["/web"]).ready();
    assert.deepEqual(valuesSeen(observed), { "/web/a": "2", "/web/b": "2" });
  });

  its(
    "of two sessions that put the same key at the same time, one holds it",
    async (t, fixture) => {
      const [one, other] = [await opened(t, fixture), await opened(t, fixture)];
      const sessions = [await opening(t, one), await opening(t, other)];
      for (let i = 0; i < 20; i += 1) {
        const puts = sessions.map((session, s) => session.put(`/web/${i}`, `${s}`, t.signal));
        const results = await Promise.allSettled(puts);
        const winner = results.findIndex(({ status }) => status === "fulfilled");
        const loser = results[1 - winner];
        assert.ok(loser?.status === "rejected", `${i}: both hold it`);
        isConflict(`/web/${i}`, `${winner}`)(loser.reason);
        const observed = await watching(t, one, [`/web/${i}`]).ready();
        assert.deepEqual(valuesSeen(observed), { [`/web/${i}`]: `${winner}` });
      }
    },
  );

  its("a session removes only its own entries", async (t, fixture) => {
    const [one, other] = [await opened(t, fixture), await opened(t, fixture)];
    const [before, after] = [await opening(t, one), await opening(t, other)];
    await before.put("/web/a", "1", t.signal);
    await after.put("/web/a", "1", t.signal, takingOver(before));
    await before.put("/web/b", "1", t.signal);
    await before.remove("/web/a", t.signal);
    await before.remove("/web/b", t.signal);
    await before.remove("/web/never", t.signal);
    assert.deepEqual(valuesSeen(await watching(t, one, ["/web"]).ready()), { "/web/a": "1" });
  });
}

/** The rules of a put that takes over the entries of a session. */
function takingOver(...sessions: readonly Session[]): PutRules {
  return { takeOver: new Set(sessions.map(({ id }) => id)) };
}

function ownersSeen({ entries }: Watching): Record<string, string | undefined> {
  return Object.fromEntries([...entries].map(([key, { owner }]) => [key, owner]));
}

function isHeld(held: HeldEntry): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Fault, String(error));
    assert.equal(error.code, "KEYSPACE_KEY_HELD");
    assert.deepEqual(heldEntryOf(error), held);
    assert.ok(error.message.includes(held.owner));
    return true;
  };
}

function isConflict(key: string, value: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Fault, String(error));
    assert.equal(error.code, "KEYSPACE_KEY_CONFLICT");
    assert.ok(error.retry);
    assert.ok(error.message.includes(`${key} `) && error.message.includes(`"${value}"`));
    return true;
  };
}
