import assert from "node:assert/strict";
import { test } from "node:test";
import { logQuarantined, logReleased } from "../../../lib/view/quarantine-log.ts";
import { RecordingLog } from "../../support/recording-log.ts";

const entries = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ key: `/${i}`, revision: "7", why: "it is bad" }));

test("three entries are a line each, and more are one line", () => {
  const log = new RecordingLog();
  logQuarantined(entries(3), "", log);
  assert.deepEqual(
    log.take().map(({ message }) => message),
    [0, 1, 2].map((i) => `/${i} (revision 7) is quarantined: it is bad`),
  );
  logQuarantined(entries(4), ", and retried", log);
  const [line, ...others] = log.take();
  const examples = [0, 1, 2].map((i) => `/${i} (revision 7): it is bad`);
  assert.deepEqual([line?.details, others], [{ count: 4, examples }, []]);
  assert.equal(
    line?.message,
    `4 entries are quarantined, and retried: ${examples.join("; ")}; and 1 more`,
  );
});

test("the same applies to entries that are back", () => {
  const log = new RecordingLog();
  logReleased(["/a", "/b"], log);
  assert.deepEqual(
    log.take().map(({ message }) => message),
    ["/a is no longer quarantined", "/b is no longer quarantined"],
  );
  logReleased(["/a", "/b", "/c", "/d", "/e"], log);
  assert.deepEqual(
    log.take().map(({ message }) => message),
    ["5 entries are no longer quarantined: /a; /b; /c; and 2 more"],
  );
});

test("an example is short, however long the key is", () => {
  const log = new RecordingLog();
  logQuarantined(Array(4).fill({ key: "k".repeat(1_000_000), revision: "1", why: "" }), "", log);
  assert.ok((log.lines[0]?.message.length ?? 0) < 1200);
});
