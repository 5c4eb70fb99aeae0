import assert from "node:assert/strict";
import { test } from "node:test";
import { eventOf, isEnd } from "../../../../lib/clients/docker/events.ts";

test("an event of a container is parsed, from Docker and from Podman", () => {
  const raw = {
    Type: "container",
    Action: "kill",
    Actor: { ID: "abc", Attributes: { name: "web", signal: "15" } },
    time: 1_700_000_000,
    timeNano: 1_700_000_000_123_000_000,
  };
  const event = { id: "abc", action: "kill", atMs: 1_700_000_000_123, signal: 15 };
  assert.deepEqual(eventOf(raw), event);
  const { timeNano: _, ...coarse } = raw;
  assert.deepEqual(eventOf(coarse), { ...event, atMs: 1_700_000_000_000 });
});

test("an event of a network names its container", () => {
  const Actor = { ID: "network", Attributes: { container: "abc", name: "front" } };
  const raw = { Type: "network", Action: "connect", Actor, time: 1 };
  assert.deepEqual(eventOf(raw), { id: "abc", action: "connect", atMs: 1000, signal: undefined });
});

test("an event that concerns no container is ignored", () => {
  assert.equal(eventOf({ Type: "network", Action: "create", Actor: { ID: "network" } }), undefined);
  assert.equal(eventOf({}), undefined);
});

test("the exit of a container has several names", () => {
  const names = ["die", "died", "destroy", "remove", "start", "stop", "kill", "pause"];
  const ends = names.filter((action) => isEnd({ id: "a", action, atMs: 0, signal: undefined }));
  assert.deepEqual(ends, ["die", "died", "destroy", "remove"]);
});
