import assert from "node:assert/strict";
import { test } from "node:test";
import type { Log } from "../../../lib/base/log.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { Views } from "../../../lib/view/views.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function watching(keepEmpty = false) {
  const clock = new ManualClock();
  const said: string[] = [];
  const say = (event: string, sentence: string) => void said.push(`${event}: ${sentence}`);
  const log: Log = { debug: say, info: say, warn: say, error: say };
  const all = { maxLoss: 0.5, min: 0, retainMs: 30_000, keepEmpty };
  const views = new Views({ services: "/services", guard: { all, services: {} } }, clock, log);
  return { clock, views, news: () => said.splice(0) };
}

/** A keyspace in which a service has instances at these ports. */
function web(...ports: readonly number[]): Snapshot {
  const entries = ports.map((port) => {
    const key = `/services/web/a:${port}`;
    return [key, { key, value: `10.0.0.1:${port}`, revision: "1" }] as const;
  });
  return Snapshot.empty.after({ kind: "reset", revision: "1", entries: new Map(entries) });
}

test("a loss that is not believed is said once, and once that it is over", async () => {
  const { clock, views, news } = watching();
  views.of(web(1, 2, 3, 4, 5));
  assert.deepEqual(news(), []);
  views.of(web(1));
  views.of(web(1));
  const lost = "web has lost 4 instances and has 1 left: what it lost stays as it was for 30s";
  assert.deepEqual(news(), [`held: ${lost}`]);
  assert.deepEqual(views.retained, [{ service: "web", held: 4, left: 1, untilMs: 30_000 }]);
  views.of(web(1, 2));
  assert.deepEqual(news(), []);
  await clock.advance(30_000);
  views.of(web(1, 2));
  const over = "web: 1 instance of 4 that it had lost is back, the loss of 3 instances is believed";
  assert.deepEqual(news(), [`held_ended: ${over}`]);
  assert.deepEqual(views.retained, []);
});

test("an empty service is said to be kept until there are others, and then it is over", () => {
  const { views, news } = watching(true);
  views.of(web(1));
  views.of(web());
  const lost = "web has lost 1 instance and has 0 left: what it lost stays as it was";
  assert.deepEqual(news(), [`held: ${lost} until it has others`]);
  views.of(web(2));
  assert.deepEqual(news(), ["held_ended: web: the loss of 1 instance is believed"]);
  views.of(web());
  news();
  views.of(web(2));
  const back = "web: 1 instance of 1 that it had lost is back";
  assert.deepEqual(news(), [`held_ended: ${back}`]);
});
