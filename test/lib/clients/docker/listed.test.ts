import assert from "node:assert/strict";
import { test } from "node:test";
import { isAsListed, listedOf } from "../../../../lib/clients/docker/listed.ts";
import { dockerRun } from "../../discover/docker/docker-run.ts";

test("the state and the health of a listed container are read as Docker and Podman send them", () => {
  const of = (State: string, Status: string) => {
    const { isPaused, health } = listedOf({ Id: "web", State, Status });
    return [isPaused, health];
  };
  assert.deepEqual(of("running", "Up 2 minutes"), [false, undefined]);
  assert.deepEqual(of("running", "Up 2 seconds (health: starting)"), [false, "starting"]);
  assert.deepEqual(of("running", "Up 2 seconds (healthy)"), [false, "healthy"]);
  assert.deepEqual(of("running", "Up 2 seconds (unhealthy)"), [false, "unhealthy"]);
  assert.deepEqual(of("paused", "Up 2 seconds (Paused)"), [true, undefined]);
  assert.deepEqual(of("Paused", ""), [true, undefined]);
  assert.equal(listedOf({ Id: "web" }).isPaused, false);
});

test("a container is as listed if the list shows the same state, and no other health", () => {
  const running = { id: "web", isPaused: false, health: undefined };
  const container = dockerRun("--name web img", { health: { status: "healthy", output: "" } });
  assert.equal(isAsListed(undefined, running), false);
  assert.equal(isAsListed(container, running), true);
  assert.equal(isAsListed(container, { ...running, health: "healthy" }), true);
  assert.equal(isAsListed(container, { ...running, health: "unhealthy" }), false);
  assert.equal(isAsListed(container, { ...running, isPaused: true }), false);
  assert.equal(isAsListed({ ...container, state: "paused" }, running), false);
  assert.equal(isAsListed({ ...container, state: "restarting" }, running), true);
});
