import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { GeneratedFile } from "../../../lib/render/generated-file.ts";
import { emptyPools, pools } from "../../../lib/view/pools.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { throwAwayFolder } from "../../support/process.ts";
import { fileOfWeb, haproxyOfWeb, serverLine } from "./synapse/generator.ts";

/** A generated file, and its texts for entries of /services/web. */
async function scene(t: TestContext, present?: string) {
  const path = join(await throwAwayFolder(t), "haproxy.cfg");
  if (present !== undefined) await writeFile(path, present);
  const clock = new ManualClock();
  const settings = { source: "synapse.conf.json", prefixes: ["/services"], target: { path } };
  const file = await GeneratedFile.open({ ...settings, generator: haproxyOfWeb }, clock);
  return {
    clock,
    file,
    render: async (...values: readonly string[]) => {
      const entries = values.map((value, i) => {
        const key = `/services/web/${String.fromCharCode(97 + i)}`;
        return [key, { key, value, revision: "7" }] as const;
      });
      const snapshot = Snapshot.empty.after({
        kind: "reset",
        revision: "7",
        entries: new Map(entries),
      });
      const { byName } = pools(emptyPools("/services"), snapshot);
      return await file.render({ snapshot, services: [...byName.values()] });
    },
  };
}

const [two, three] = ["10.0.0.2:80", "10.0.0.3:80"];

test("a generated file has the numbers of the text that the target has at the start", async (t) => {
  const { render } = await scene(t, fileOfWeb(serverLine(three, 7)));
  const { text } = await render(two, three);
  assert.equal(text, fileOfWeb(serverLine(two, 1), serverLine(three, 7)));
});

test("a text that was not installed has no effect on the next one", async (t) => {
  const { file, render } = await scene(t);
  await render(three);
  assert.equal((await render(two)).text, fileOfWeb(serverLine(two, 1)));
  file.installed((await render(three)).text);
  assert.equal(
    (await render(two)).text,
    fileOfWeb(serverLine(two, 2), serverLine(three, 1, " disabled")),
  );
});

test("a server stays for its time after it was in use last, not after the last change of the file", async (t) => {
  const { clock, file, render } = await scene(t);
  file.installed((await render(two, three)).text);
  await clock.advance(3_600_000);
  const { text: gone } = await render(two);
  assert.equal(gone, fileOfWeb(serverLine(two, 1), serverLine(three, 2, " disabled")));
  file.installed(gone);
  await clock.advance(59_000);
  assert.equal((await render(two)).text, gone);
  await clock.advance(2000);
  assert.equal((await render(two)).text, fileOfWeb(serverLine(two, 1)));
});

test("what a generator omits is named by the key and the revision of its entry", async (t) => {
  const { render } = await scene(t);
  const entry = (more: object) => JSON.stringify({ host: "10.0.0.2", port: 80, ...more });
  const { text, quarantined } = await render(
    entry({ name: "a b" }),
    entry({ host: "10.0.0.3", haproxy_server_options: "addr 10.0.0.9" }),
  );
  assert.equal(text, fileOfWeb(serverLine(three, 1)));
  const found = quarantined.map(({ key, revision, isPartial }) => [key, revision, isPartial]);
  assert.deepEqual(found, [
    ["/services/web/a", "7", undefined],
    ["/services/web/b", "7", true],
  ]);
});

test("only the first text for an empty keyspace lacks keys", async (t) => {
  const { render } = await scene(t);
  assert.equal((await render()).lacksKeys, true);
  assert.equal((await render()).lacksKeys, false);
});
