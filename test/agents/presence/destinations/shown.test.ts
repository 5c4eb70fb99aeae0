import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { verdictOn } from "../../../../agents/explain-verdict.ts";
import { stateFamilies } from "../../../../agents/metrics/state-families.ts";
import { formatOverview } from "../../../../lib/overview/format.ts";
import { formatExplanation } from "../../../../lib/overview/format-explanation.ts";
import { makeOverview } from "../../../../lib/overview/overview.ts";
import { html } from "../../../../lib/page/html.ts";
import { page } from "../../../../lib/page/view/page.ts";
import { formatReport } from "../../../../lib/status/format.ts";
import { destinationFault, MemoryDestination } from "../../../support/memory-destination.ts";
import { presenceScene, service } from "../scene.ts";

const name = "web/10.0.0.1:80";

/** An agent with a destination, and all that it shows of it. */
function scene(t: TestContext) {
  let destination: MemoryDestination | undefined;
  const one = presenceScene(t, { services: [service("web")] }, undefined, (clock) => {
    destination = new MemoryDestination(clock);
    return [{ destination }];
  });
  assert.ok(destination);
  const overview = () =>
    makeOverview({
      ...{ report: one.report(), pools: undefined, hostName: "host" },
      ...{ generations: [], watchers: [] },
    });
  const explanation = () => {
    const presence = one.instance(name);
    const { at } = one.report();
    const entry = { key: `/services/${name}`, isThere: true, others: [] };
    const facts = {
      name,
      at,
      entry,
      views: [],
      files: [],
      watchers: [],
      ...(presence && { presence }),
    };
    return formatExplanation({ ...verdictOn(facts, false), ...facts, similar: [] });
  };
  const metric = (family: string, labels: Readonly<Record<string, string>>) =>
    stateFamilies(one.report(), "v24")
      .find((each) => each.name === family)
      ?.samples.find((sample) =>
        Object.entries(labels).every(([label, value]) => sample.labels?.[label] === value),
      )?.value;
  return { ...one, destination, overview, explanation, metric };
}

test("status, overview, page, explain and metrics have the state of an instance in its destinations", async (t) => {
  const one = scene(t);
  one.run();
  await one.clock.advance(60_000);
  assert.match(
    formatReport(one.report()),
    /^destination memory\/one reachable for 1m \(in memory\)\ninstance {4}web\/10\.0\.0\.1:80 healthy, registered\n {12}memory\/one serving for 45s$/m,
  );
  assert.match(
    formatOverview(one.overview()),
    /^destinations\n {2}ok {13}memory\/one for 1m \(in memory\), 1 serving$/m,
  );
  assert.match(html(page(one.overview())), /memory\/one<small>in memory<\/small>.*1 serving/s);
  assert.equal(one.explanation()[0], `${name} gets traffic: memory/one sends it requests`);
  assert.ok(one.explanation().includes("destination memory/one serving for 45s"));
  const serving = { destination: "memory/one", state: "serving" };
  assert.equal(one.metric("sidekick_destination_instances", serving), 1);
  assert.equal(one.metric("sidekick_destination_up", { destination: "memory/one" }), 1);
});

test("an instance that a destination finds failing gets no traffic, and a destination that fails is named", async (t) => {
  const one = scene(t);
  one.destination.sick.add(name);
  one.run();
  await one.clock.advance(60_000);
  const [reason] = one.report().reasons;
  assert.equal(
    reason?.message,
    `${name} is healthy, and gets no requests from memory/one: code 500`,
  );
  assert.equal(
    one.explanation()[0],
    `${name} gets no traffic: its state in memory/one is failing: code 500`,
  );
  const [shown] = one.overview().services[0]?.instances ?? [];
  assert.deepEqual(
    [shown?.state, shown?.why],
    [...["unhealthy", "gets no requests from memory/one: code 500"]],
  );
  one.destination.onCall = () => {
    throw destinationFault("THROTTLED");
  };
  await one.clock.advance(600_000);
  const { destinations, verdict } = one.overview();
  assert.equal(destinations?.[0]?.why, "memory/one: throttled");
  assert.equal(verdict.sentence, "memory/one: throttled; and 1 more");
  assert.equal(one.metric("sidekick_destination_up", { destination: "memory/one" }), 0);
});
