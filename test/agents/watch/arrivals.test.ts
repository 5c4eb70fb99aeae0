import assert from "node:assert/strict";
import { test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import type { Batch, Entry } from "../../../lib/model/entry.ts";
import { eventually } from "../../support/process.ts";
import { rejecting, watchScene } from "./scene.ts";

/** Records what arrives and what is verified. */
function recording() {
  const batches: Batch["kind"][] = [];
  const verified: string[] = [];
  const idOf = ({ key, value }: Entry) => `${key.split("/").at(-1)}=${value}`;
  return {
    ...{ batches, verified },
    onBatch: ({ kind }: Batch) => batches.push(kind),
    onVerified: (before: Entry | undefined, entry: Entry) => {
      verified.push(`${before ? `${idOf(before)} > ` : ""}${idOf(entry)}`);
    },
  };
}

test("entries are reported once their files are verified, as they were and as they are", async (t) => {
  const arrivals = recording();
  const scene = await watchScene(t, { arrivals });
  const { clock, proxy, store } = scene;
  await scene.register("web", "10.0.0.1:80");
  scene.run();
  await scene.attempts(1);
  const session = await store.open().open(3_600_000, never);
  const put = async (id: string, value: string) => {
    await session.put(`/services/web/${id}`, value, never);
    await clock.advance(1000);
  };
  const reported = async (...expected: readonly string[]) => {
    await eventually(`${expected} is reported`, () => arrivals.verified.length > 0);
    assert.deepEqual(arrivals.verified.splice(0), expected);
  };
  await put("a", "10.0.0.2:80");
  await reported("a=10.0.0.2:80");
  await put("a", "10.0.0.3:80");
  await reported("a=10.0.0.2:80 > a=10.0.0.3:80");
  // What is refused is not served, and how long an entry was quarantined is not how long its change took.
  proxy.rejects = rejecting("10.0.0.4");
  await put("b", "10.0.0.4:80");
  await scene.logged("quarantined");
  proxy.rejects = () => undefined;
  await eventually("it is tried again, and accepted", async () => {
    await clock.advance(1000);
    return scene.count("quarantine_ended") > 0;
  });
  await put("c", "10.0.0.5:80");
  await reported("c=10.0.0.5:80");
  assert.deepEqual(new Set(arrivals.batches), new Set(["reset", "delta"]));
});
