import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import type { Generation } from "../../../lib/journal/contract.ts";
import { eventually } from "../../support/process.ts";
import { aheadScene } from "./ahead-scene.ts";

type Scene = Awaited<ReturnType<typeof aheadScene>>;

/** The facts after `seq`, once there are any for which `isLast` is true. */
async function factsAfter(
  { agent, clock }: Scene,
  seq: number,
  isLast: (generation: Generation) => boolean,
) {
  return await eventually("the last fact", async () => {
    await clock.advance(50);
    const { facts } = agent.journal.facts.since(seq);
    return facts.some(({ generation }) => isLast(generation)) ? facts : undefined;
  });
}

const keysOf = ({ cause }: Generation) =>
  cause.keys.map(({ op, key }) => `${op} ${key.replace("/services/web/10.0.0.", "")}`);

const isInstalled = ({ stages }: Generation) => stages.installed !== undefined;

test("a change ahead of its file is a generation; the file that follows is none, and names all their keys", async (t) => {
  const all = await aheadScene(t);
  await all.started();
  const { seq } = await eventually("the start", () => all.agent.journal.facts.since(0).facts[0]);
  await all.change("10.0.0.2:80");
  await all.change("10.0.0.3:80");
  const facts = await factsAfter(all, seq, isInstalled);
  assert.deepEqual(
    facts.map(({ isRepeated, generation: one }) => [one.n, isRepeated, one.how, one.detail]),
    [
      [2, false, "adjusted", "adjusted (1 server)"],
      [3, false, "adjusted", "adjusted (1 server)"],
      [3, true, "same", undefined],
    ],
  );
  assert.deepEqual(
    facts.map(({ generation }) => keysOf(generation)),
    [["put 2:80"], ["put 3:80"], []],
  );
  const sha256 = createHash("sha256")
    .update(await all.text())
    .digest("hex");
  assert.deepEqual(
    facts.slice(1).map(({ generation }) => generation.files),
    [[{ target: all.path, sha256 }], [{ target: all.path, sha256 }]],
    "of the text that is served",
  );
  const [ahead, , followed] = facts.map(({ generation }) => generation.stages);
  assert.deepEqual([ahead?.installed, ahead?.checked], [undefined, undefined]);
  assert.ok((ahead?.verified ?? -1) >= (ahead?.rendered ?? 0));
  assert.ok((followed?.checked ?? -1) >= 0 && (followed?.verified ?? -1) >= 0);
  const written = all.log.lines.filter(({ event }) => event === "file_written").at(-1);
  assert.match(String(written?.details.cause), /^\/services\/web\/10\.0\.0\.2:80@\d+ \+1/);
});

test("a proxy that goes back without an entry that its file may not have is a generation of its own", async (t) => {
  const all = await aheadScene(t);
  await all.started();
  await writeFile(all.refused, "10.0.0.66\n");
  await all.change("10.0.0.66:80");
  const isQuarantine = ({ quarantined = [] }: Generation) => quarantined.length > 0;
  const facts = await factsAfter(all, 1, isQuarantine);
  const generations = facts.filter(({ isRepeated }) => !isRepeated);
  assert.deepEqual(
    generations.map(({ generation }) => [generation.how, ...keysOf(generation)]),
    [
      ["adjusted", "put 66:80"],
      ["adjusted", "quarantined 66:80"],
    ],
  );
  const [first, back] = [all.agent.journal.facts.since(0).facts[0], generations.at(-1)];
  assert.deepEqual(back?.generation.files, first?.generation.files, "what the file has");
});

test("a refused file names the changes that it lacks, and so does the one that is accepted later", async (t) => {
  const all = await aheadScene(t);
  await all.started();
  await all.change("10.0.0.2:80");
  await writeFile(all.refused, "web\n");
  const facts = await factsAfter(all, 2, ({ how }) => how === "refused");
  const refused = facts.find(({ generation }) => generation.how === "refused");
  assert.deepEqual(refused && keysOf(refused.generation), ["put 2:80"]);
  const beforeOf = async (n = 0) => (await all.agent.journal.texts(n)).before;
  assert.deepEqual([refused?.generation.n, await beforeOf(2), await beforeOf(3)], [3, 1, 1]);
  await writeFile(all.refused, "-\n");
  const later = await factsAfter(all, refused?.seq ?? 0, ({ how }) => how === "adjusted");
  const accepted = later.find(({ generation }) => generation.how === "adjusted");
  assert.deepEqual(accepted && keysOf(accepted.generation), ["put 2:80"]);
  assert.equal(await beforeOf(accepted?.generation.n), 1, "the change ahead was undone");
});
