import assert from "node:assert/strict";
import { test } from "node:test";
import { DoubtWatch } from "../../../agents/watch/doubts.ts";
import { Cell } from "../../../lib/base/cell.ts";
import { emptyResolution } from "../../../lib/model/resolution.ts";
import { emptyGuarded } from "../../../lib/view/guard.ts";
import { poolsWith } from "../../lib/view/entries.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually } from "../../support/process.ts";
import { RecordingLog } from "../../support/recording-log.ts";

test("an entry that points to the host that reads it is logged once, and in the status for as long as it is there", async () => {
  const [clock, log] = [new ManualClock(), new RecordingLog()];
  const latest = new Cell(emptyGuarded("/services"));
  const set = (values: Readonly<Record<string, string>>) => {
    const pools = poolsWith(values);
    latest.set({ observed: pools, effective: pools, losses: new Map() });
  };
  const doubts = new DoubtWatch({ name: "here", keys: [], folders: { "": true } });
  const ending = new AbortController();
  const views = { views: { latest }, names: { resolution: new Cell(emptyResolution) } };
  const following = doubts.follow(views, { clock, log }, ending.signal).catch(() => {});
  const found = () => doubts.found.value.map(({ key }) => key);
  const a = "/services/web/a";
  set({ [a]: "127.0.0.1:1", "/services/web/b": "10.0.0.1:1" });
  await eventually("it is found", () => found().join() === a);
  set({ [a]: "127.0.0.1:1" });
  set({ [a]: "127.0.0.1:1", "/services/web/c": "[fe80::1]:1" });
  await eventually("the other one, too", () => found().length === 2);
  set({ "/services/web/c": "10.0.0.1:1" });
  await eventually("none is left", () => found().length === 0);
  const advice = "it is served; watch.trust can refuse such entries";
  assert.deepEqual(
    log.take().map(({ level, event, message }) => `${level} ${event}: ${message}`),
    [
      `warn doubted: ${a} (revision 1): 127.0.0.1:1 means the loopback interface of each host that reads it; ${advice}`,
      `warn doubted: /services/web/c (revision 1): [fe80::1]:1 means the own link of each host that reads it; ${advice}`,
    ],
  );
  set(Object.fromEntries([1, 2, 3, 4].map((i) => [`/services/web/${i}`, `127.0.0.1:${i}`])));
  await eventually("all are found", () => found().length === 4);
  assert.match(log.take()[0]?.message ?? "", /^4 entries point to the hosts that read them: /);
  ending.abort();
  await following;
});
