import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { never } from "../../../lib/base/signal.ts";
import { accountProblems } from "../../../lib/config/account-problems.ts";
import { examine } from "../../../lib/config/compile.ts";
import { problemLines } from "../../../lib/config/located/problem.ts";

/** The problems of a target with this owner and group, for the user that runs the agent. */
async function problemsFor(settings: string, uid: number): Promise<readonly string[]> {
  const text = `watch: { templates: [{ source: a, target: b, ${settings} }] }`;
  const source = { name: "sidekick.yaml", format: "yaml", text } as const;
  const { root } = examine([source], { env: {}, hostName: "web-1" });
  assert.ok(root);
  return problemLines(await accountProblems(root, { uid, clock: systemClock }, never));
}

test("an owner or a group that does not exist is a problem, and so is a foreign owner without root", async () => {
  assert.deepEqual(await problemsFor("owner: root, group: 33", 0), []);
  assert.deepEqual(await problemsFor("owner: absent-account, group: absent-group", 0), [
    "sidekick.yaml:1:53: there is no user absent-account",
    "sidekick.yaml:1:76: there is no group absent-group",
  ]);
  assert.deepEqual(await problemsFor("owner: root", 1000), [
    "sidekick.yaml:1:53: a file can be given to the user root by root only, and this is the user 1000",
  ]);
  assert.deepEqual(await problemsFor("owner: 1000, group: bin", 1000), []);
});
