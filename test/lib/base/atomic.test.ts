import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { nameBeside, replaceFile, sweepBeside, writeDurably } from "../../../lib/base/atomic.ts";
import { throwAwayFolder } from "../../real/process.ts";

const inFolder = async (t: TestContext) => join(await throwAwayFolder(t), "haproxy.cfg");
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

test("a name beside a file is hidden, in the same folder, and never the same", () => {
  const [a, b] = [nameBeside("/etc/a.cfg"), nameBeside("/etc/a.cfg")];
  assert.match(a, /^\/etc\/\.a\.cfg\.[0-9a-f]{12}\.tmp$/);
  assert.notEqual(a, b);
});

test("a file is replaced whole, with its mode, and nothing is left beside it", async (t) => {
  const path = await inFolder(t);
  await replaceFile(path, "one");
  assert.deepEqual([await readFile(path, "utf8"), await modeOf(path)], ["one", 0o644]);
  const { ino } = await stat(path);
  await replaceFile(path, "two", 0o660);
  assert.deepEqual([await readFile(path, "utf8"), await modeOf(path)], ["two", 0o660]);
  assert.notEqual((await stat(path)).ino, ino);
  assert.deepEqual(await readdir(dirname(path)), ["haproxy.cfg"]);
});

test("what cannot be put in place leaves nothing behind", async (t) => {
  const folder = await throwAwayFolder(t);
  await mkdir(join(folder, "a-folder"));
  // a folder cannot be replaced by a file
  await assert.rejects(replaceFile(join(folder, "a-folder"), "text"));
  assert.deepEqual(await readdir(folder), ["a-folder"]);
});

test("writing through an existing file shortens it and keeps its mode", async (t) => {
  const path = await inFolder(t);
  await writeFile(path, "something long");
  await chmod(path, 0o600);
  const { ino } = await stat(path);
  await writeDurably(path, "short", 0o644, "r+");
  assert.deepEqual([await readFile(path, "utf8"), await modeOf(path)], ["short", 0o600]);
  assert.equal((await stat(path)).ino, ino);
});

test("a new file is not written over one that is there", async (t) => {
  const path = await inFolder(t);
  await writeDurably(path, "one", 0o644);
  await assert.rejects(writeDurably(path, "two", 0o644), { code: "EEXIST" });
  assert.equal(await readFile(path, "utf8"), "one");
});

test("sweeping removes what a crash left of this file, and nothing else", async (t) => {
  const path = await inFolder(t);
  const folder = dirname(path);
  const others = [".haproxy.cfg.swp", ".other.cfg.0123456789ab.tmp", "haproxy.cfg"];
  for (const name of [...others, ".haproxy.cfg.0123456789ab.tmp"]) {
    await writeFile(join(folder, name), "");
  }
  await sweepBeside(path);
  assert.deepEqual((await readdir(folder)).sort(), others.sort());
});
