import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObservedState } from "../../../lib/destination/contract.ts";
import {
  type Candidate,
  decide,
  type Known,
  unknownRegistration,
  type Wish,
} from "../../../lib/destination/decide.ts";

const perInstance = ({ service, id }: Candidate["instance"]) => `${service}/${id}`;
const perMachine = () => "i-1";

function candidate(name: string, wish: Wish): Candidate {
  const [service = "", id = ""] = name.split("/");
  return { name, instance: { service, id, host: "10.0.0.1", port: 80 }, wish };
}

/** The known registration of an instance. */
function known(name: string, more: Partial<Known>): readonly [string, Known] {
  const { instance } = candidate(name, "register");
  const as = { name, instance, isDraining: false };
  return [name, { ...unknownRegistration(as), ...more }];
}

function step(
  candidates: readonly Candidate[],
  all: readonly (readonly [string, Known])[] = [],
  { keepsDraining = false, registrationOf = perInstance, isComplete = true } = {},
) {
  const decided = decide({ candidates, isComplete }, new Map(all), {
    registrationOf,
    keepsDraining,
  });
  const names = (list: readonly { readonly name: string; readonly isDraining: boolean }[]) =>
    list.map(({ name, isDraining }) => (isDraining ? `${name}*` : name));
  const { register, deregister, deregisterUnlessLast, isMoving, over } = decided;
  return {
    ...(register.length > 0 && { register: names(register) }),
    ...(deregister.length > 0 && { deregister: names(deregister) }),
    ...(deregisterUnlessLast.length > 0 && { unlessLast: names(deregisterUnlessLast) }),
    ...(isMoving && { isMoving }),
    ...(over.length > 0 && { over }),
  };
}

const confirmed = { isConfirmed: true, mayExist: true };

test("a healthy instance is registered once, and again if the destination has lost it", () => {
  const one = [candidate("web/a", "register")];
  const register = { register: ["web/a"], isMoving: true };
  assert.deepEqual(step(one), register);
  assert.deepEqual(step(one, [known("web/a", { mayExist: true })]), register);
  const states: readonly (readonly [ObservedState | undefined, object])[] = [
    [undefined, { isMoving: true }],
    ["registering", { isMoving: true }],
    ["failing", { isMoving: true }],
    ["serving", {}],
    ["absent", register],
    ["draining", register],
  ];
  for (const [state, expected] of states) {
    assert.deepEqual(step(one, [known("web/a", { ...confirmed, state })]), expected, state);
  }
});

test("an instance that has changed is registered again", () => {
  const changed = { ...candidate("web/a", "register"), instance: { ...perInstanceA, weight: 5 } };
  const serving = known("web/a", { ...confirmed, state: "serving" });
  assert.deepEqual(step([changed], [serving]), { register: ["web/a"], isMoving: true });
});

const perInstanceA = candidate("web/a", "register").instance;

test("what an unconfirmed request may have registered is deregistered, too", () => {
  const gone = [known("web/a", { mayExist: true })];
  assert.deepEqual(step([], gone), { deregister: ["web/a"], isMoving: true });
  const unhealthy = [candidate("web/a", "removeUnhealthy")];
  assert.deepEqual(step(unhealthy, gone), { unlessLast: ["web/a"], isMoving: true });
});

test("what an earlier process has left is deregistered once it is observed", () => {
  const unhealthy = [candidate("web/a", "removeUnhealthy")];
  assert.deepEqual(step(unhealthy), {});
  for (const state of ["registering", "serving", "failing"] as const) {
    const expected = { unlessLast: ["web/a"], isMoving: true };
    assert.deepEqual(step(unhealthy, [known("web/a", { state })]), expected);
  }
  assert.deepEqual(step(unhealthy, [known("web/a", { state: "draining" })]), { isMoving: true });
  assert.deepEqual(step(unhealthy, [known("web/a", { state: "absent" })]), {});
});

test("instances that are gone stay until discovery has completed, and are forgotten once they are absent", () => {
  const there = [known("web/a", { ...confirmed, state: "serving" })];
  assert.deepEqual(step([], there, { isComplete: false }), {});
  assert.deepEqual(step([], there), { deregister: ["web/a"], isMoving: true });
  assert.deepEqual(step([], [known("web/a", { state: "draining" })]), { isMoving: true });
  assert.deepEqual(step([], [known("web/a", { state: "absent" })]), { over: ["web/a"] });
});

test("an instance whose health is unknown stays as it is there", () => {
  const one = [candidate("web/a", "keep")];
  assert.deepEqual(step(one), {});
  assert.deepEqual(step(one, [known("web/a", { ...confirmed, state: "serving" })]), {});
});

test("a draining instance is deregistered, or marked where the destination keeps it", () => {
  const one = [candidate("web/a", "drain")];
  const there = [known("web/a", { ...confirmed, state: "serving" })];
  assert.deepEqual(step(one, there), { deregister: ["web/a"], isMoving: true });
  const kept = { register: ["web/a*"], isMoving: true };
  assert.deepEqual(step(one, there, { keepsDraining: true }), kept);
  const [name, { as, ...rest }] = known("web/a", { ...confirmed, state: "draining" });
  const marked = [[name, { ...rest, as: { ...as, isDraining: true } }] as const];
  assert.deepEqual(step(one, marked, { keepsDraining: true }), {});
  const back = [candidate("web/a", "register")];
  const registered = { register: ["web/a"], isMoving: true };
  assert.deepEqual(step(back, marked, { keepsDraining: true }), registered);
  const over = [candidate("web/a", "remove")];
  const removed = { deregister: ["web/a"], isMoving: true };
  assert.deepEqual(step(over, marked, { keepsDraining: true }), removed);
});

test("a shared registration stays as long as one instance needs it", () => {
  const shared = { registrationOf: perMachine };
  const [, serving] = known("web/a", { ...confirmed, state: "serving" });
  const there = [["i-1", serving] as const];
  const both = (first: Wish, second: Wish) => [
    candidate("web/a", first),
    candidate("api/b", second),
  ];
  assert.deepEqual(step(both("register", "register"), [], shared).register, ["web/a"]);
  assert.deepEqual(step(both("removeUnhealthy", "register"), there, shared), {
    // It is there for another instance from now on.
    ...{ register: ["api/b"], isMoving: true },
  });
  assert.deepEqual(step(both("remove", "keep"), there, shared), {});
  const gone = { deregister: ["web/a"], isMoving: true };
  assert.deepEqual(step(both("remove", "drain"), there, shared), gone);
  // A request, too: so it goes, whatever the health of the other one.
  assert.deepEqual(step(both("removeUnhealthy", "remove"), there, shared), {
    ...{ deregister: ["api/b"], isMoving: true },
  });
  assert.deepEqual(step(both("removeUnhealthy", "removeUnhealthy"), there, shared), {
    ...{ unlessLast: ["web/a"], isMoving: true },
  });
});
