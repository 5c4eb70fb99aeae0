import assert from "node:assert/strict";
import { test } from "node:test";
import { never } from "../../../../lib/base/signal.ts";
import { foresee } from "../../../../lib/proxy/haproxy/foresee.ts";
import { plan } from "../../../../lib/proxy/haproxy/plan.ts";

const before = "defaults\nbackend web\n server a 10.0.0.1:80\n";
const weighted = before.replace("80\n", "80 weight 5\n");

/** The foreseen change to a new text, if the worker has these conflicts or does not answer. */
async function foreseen(
  desired: string,
  conflicts: readonly string[] | { reason: string } = [],
  areInFiles = true,
) {
  const planned = plan({ files: [{ target: "x", loaded: before, desired }] });
  return await foresee(planned, { conflicts: async () => conflicts }, areInFiles, never);
}

test("servers are adjusted, unless the running haproxy has something that no command changes", async () => {
  assert.deepEqual(await foreseen(weighted), { how: "adjusted", servers: ["web/a"] });
  assert.deepEqual(await foreseen(weighted, ["web/a was moved to 10.0.0.9:80"]), {
    how: "reloaded",
    why: "web/a was moved to 10.0.0.9:80",
  });
  const unasked = "no socket";
  const alone = { how: "adjusted", servers: ["web/a"], unasked };
  assert.deepEqual(await foreseen(weighted, { reason: unasked }), alone);
  const other = await foreseen(weighted, ["web/a was moved"], false);
  assert.equal(other.how, "adjusted", "it runs with other texts than these");
  assert.match(JSON.stringify(other), /"unasked":"its files have other texts/);
});

test("a new backend takes a reload, a comment takes nothing, and without a socket every change takes a reload", async () => {
  const more = { how: "reloaded", why: "more than servers changed" };
  assert.deepEqual(await foreseen(`${before}backend db\n`), more);
  assert.deepEqual(await foreseen(`# new\n${before}`), { how: "adjusted", servers: [] });
  const planned = plan({ files: [{ target: "x", loaded: before, desired: weighted }] });
  const { how } = await foresee(planned, undefined, true, never);
  assert.equal(how, "reloaded");
});
