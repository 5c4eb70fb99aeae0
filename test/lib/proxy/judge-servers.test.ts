import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServerCounters } from "../../../lib/proxy/contract.ts";
import {
  judgeServers,
  type ServerStandings,
  suspectServers,
} from "../../../lib/proxy/judge-servers.ts";

/** What a server does with the requests of one interval. */
interface Interval {
  readonly requests: number;
  readonly unconnected?: number;
  readonly failed?: number;
  readonly down?: string;
}

/** A proxy that is looked at every 10 s. */
function proxy() {
  let standings: ServerStandings = new Map();
  let nowMs = 0;
  const totals = new Map<string, ServerCounters>();
  const look = (intervals: Readonly<Record<string, Interval>>): string => {
    nowMs += 10_000;
    const samples = Object.entries(intervals).map(([server, interval]) => {
      const { requests, unconnected = 0, failed = 0, down } = interval;
      const before = totals.get(server);
      const sample = {
        ...{ pool: "web", address: server },
        requests: (before?.requests ?? 0) + requests,
        failedConnections: (before?.failedConnections ?? 0) + unconnected,
        failedResponses: (before?.failedResponses ?? 0) + failed,
        ...(down !== undefined && { down }),
      };
      totals.set(server, sample);
      return sample;
    });
    standings = judgeServers(standings, samples, nowMs);
    const found = suspectServers(standings);
    return found.map(({ address, suspicion }) => `${address} ${suspicion}`).join(", ");
  };
  look({ a: { requests: 0 }, b: { requests: 0 }, c: { requests: 0 } });
  return { look, restart: () => totals.clear() };
}

const [busy, idle] = [{ requests: 100 }, { requests: 0 }];

test("a server to which no connection succeeds is suspected after two samples, and until some do", () => {
  const { look } = proxy();
  const scene = (a: Interval) => look({ a, b: busy, c: busy });
  assert.equal(scene({ requests: 3, unconnected: 3 }), "");
  assert.equal(scene({ requests: 3, unconnected: 3 }), "a cannot connect");
  assert.equal(scene({ requests: 40, unconnected: 38 }), "a cannot connect");
  assert.equal(scene(idle), "a cannot connect");
  assert.equal(scene({ requests: 4 }), "");
});

test("a suspicion without further attempts ends after a minute", () => {
  const { look } = proxy();
  const scene = (a: Interval) => look({ a, b: busy });
  scene({ requests: 3, unconnected: 3 });
  const seen = Array.from({ length: 8 }, () => scene(idle));
  assert.deepEqual(seen, [...Array.from({ length: 5 }, () => "a cannot connect"), "", "", ""]);
});

test("few attempts that fail are enough only beside a peer that works", () => {
  const failing = { requests: 4, unconnected: 4 };
  const { look } = proxy();
  assert.equal(look({ a: failing, b: failing, c: failing }), "");
  assert.equal(look({ a: failing, b: failing, c: failing }), "");
  // Twelve by now.
  look({ a: failing, b: failing, c: failing });
  assert.match(look({ a: failing, b: failing, c: failing }), /a cannot connect, b cannot/);
});

test("a server is not suspected of what most of its peers do", () => {
  const some = { requests: 100, failed: 60, unconnected: 30 };
  const { look } = proxy();
  for (let i = 0; i < 5; i += 1) assert.equal(look({ a: some, b: some, c: some }), "");
  for (let i = 0; i < 2; i += 1) look({ a: some, b: busy, c: busy });
  assert.equal(look({ a: some, b: busy, c: busy }), "a responses fail");
});

test("some failed requests are no suspicion", () => {
  const { look } = proxy();
  for (let i = 0; i < 20; i += 1) {
    const a = { requests: 30, failed: 9, unconnected: 5 };
    assert.equal(look({ a, b: busy, c: { requests: 2, failed: 2 } }), "");
  }
});

test("attempts of several samples are judged together", () => {
  const { look } = proxy();
  const one = { requests: 1, unconnected: 1 };
  assert.equal(look({ a: one, b: busy }), "");
  assert.equal(look({ a: one, b: busy }), "");
  assert.equal(look({ a: one, b: busy }), "");
  assert.equal(look({ a: one, b: busy }), "a cannot connect");
});

test("a server that has worked for long is suspected as soon as another one", () => {
  const { look } = proxy();
  for (let i = 0; i < 30; i += 1) look({ a: { requests: 5 }, b: busy });
  look({ a: { requests: 5, unconnected: 5 }, b: busy });
  assert.equal(look({ a: { requests: 5, unconnected: 5 }, b: busy }), "a cannot connect");
});

test("responses count only where connections succeed", () => {
  const { look } = proxy();
  const failing = { requests: 25, failed: 25 };
  look({ a: failing });
  assert.equal(look({ a: failing }), "a responses fail");
  assert.equal(look({ a: { requests: 25, unconnected: 25 } }), "a cannot connect");
});

test("an excluded server is suspected while it is excluded, without any request", () => {
  const { look } = proxy();
  const down = { requests: 0, down: "its check cannot connect (L4CON)" };
  assert.equal(look({ a: down }), "");
  assert.equal(look({ a: down }), "a excluded");
  assert.equal(look({ a: idle }), "");
});

test("a proxy that starts again counts from the beginning", () => {
  const { look, restart } = proxy();
  look({ a: { requests: 500, unconnected: 10 }, b: busy });
  restart();
  assert.equal(look({ a: { requests: 3, unconnected: 3 }, b: { requests: 3 } }), "");
  for (let i = 0; i < 3; i += 1) assert.equal(look({ a: busy, b: busy }), "");
});

test("a server that is gone is forgotten", () => {
  const { look } = proxy();
  const down = { requests: 0, down: "it is down there" };
  look({ a: down, b: busy });
  assert.equal(look({ b: busy }), "");
  assert.equal(look({ a: down, b: busy }), "");
});
