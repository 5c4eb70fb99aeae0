import assert from "node:assert/strict";
import { test } from "node:test";
import type { Container } from "../../../../lib/clients/docker/contract.ts";
import {
  type ContainerStanding,
  containerStanding,
} from "../../../../lib/clients/docker/standing.ts";

type Observed = Pick<Container, "state" | "health" | "stoppingUntilMs" | "flapping">;

const healthy: Observed = {
  state: "running",
  health: { status: "none", output: "" },
  stoppingUntilMs: undefined,
  flapping: undefined,
};
const health = (status: Container["health"]["status"], output = "") => ({
  health: { status, output },
});
const notYet = "its HEALTHCHECK has not passed yet";
const draining = { state: "draining", why: "it was asked to stop" } as const;

const flapping = { flapping: { livedMs: 400, requiredMs: 800, untilMs: 1 } };
const flaps = {
  state: "down",
  why: "flapping: it ended 400ms after its start, and counts as up again once it has lived 800ms",
} as const;

const cases: readonly (readonly [
  change: Partial<Observed>,
  standing: ContainerStanding | undefined,
])[] = [
  [{}, { state: "up" }],
  [health("healthy"), { state: "up" }],
  [health("starting"), { state: "down", why: notYet }],
  [health("unhealthy"), { state: "down", why: "its HEALTHCHECK fails" }],
  [health("unhealthy", "no disk"), { state: "down", why: "its HEALTHCHECK fails: no disk" }],
  [{ state: "paused" }, { state: "down", why: "it is paused" }],
  [{ state: "restarting" }, undefined],
  [{ state: "ended" }, undefined],
  [{ stoppingUntilMs: 1000 }, draining],
  [{ stoppingUntilMs: 1000, ...health("healthy") }, draining],
  [
    { stoppingUntilMs: 1000, ...health("starting") },
    { state: "down", why: notYet },
  ],
  [
    { stoppingUntilMs: 1000, state: "paused" },
    { state: "down", why: "it is paused" },
  ],
  [{ stoppingUntilMs: 1000, state: "ended" }, undefined],
  [flapping, flaps],
  [{ ...flapping, stoppingUntilMs: 1000 }, flaps],
  [
    { ...flapping, ...health("starting") },
    { state: "down", why: notYet },
  ],
];

for (const [change, standing] of cases) {
  test(`${JSON.stringify(change)} is ${JSON.stringify(standing)}`, () => {
    assert.deepEqual(containerStanding({ ...healthy, ...change }), standing);
  });
}
