import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import {
  nameBeside,
  replaceOwnFile,
  sweepBeside,
  withoutStagingNames,
  writeDurably,
} from "../../../lib/base/atomic.ts";
import { throwAwayFolder } from "../../support/process.ts";

const inFolder = async (t: TestContext) => join(await throwAwayFolder(t), "haproxy.cfg");
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

test("a name beside a file is hidden, in the same folder, and never the same", () => {
  const [a, b] = [nameBeside("/etc/a.cfg"), nameBeside("/etc/a.cfg")];
  assert.match(a, /^\/etc\/\.a\.cfg\.[0-9a-f]{12}\.tmp$/);
  assert.notEqual(a, b);
  assert.equal(withoutStagingNames(`open '${a}'`), "open '/etc/a.cfg'");
});

test("a new file has the requested mode, and its stats are returned", async (t) => {
  const path = await inFolder(t);
  await using written = await writeDurably(path, Buffer.from("text"), 0o666);
  assert.equal(await modeOf(path), 0o666);
  const { ino, size } = written.stats;
  assert.deepEqual([ino, size], [(await stat(path)).ino, 4]);
});

test("overwriting an existing file truncates it and keeps its mode", async (t) => {
  const path = await inFolder(t);
  await writeFile(path, "something long");
  await chmod(path, 0o600);
  const { ino } = await stat(path);
  await using _ = await writeDurably(path, Buffer.from("short"), 0o644, "r+");
  assert.deepEqual([await readFile(path, "utf8"), await modeOf(path)], ["short", 0o600]);
  assert.equal((await stat(path)).ino, ino);
});

test("a new file does not overwrite an existing one", async (t) => {
  const path = await inFolder(t);
  await using _ = await writeDurably(path, Buffer.from("one"), 0o644);
  await assert.rejects(writeDurably(path, Buffer.from("two"), 0o644), { code: "EEXIST" });
  assert.equal(await readFile(path, "utf8"), "one");
});

test("sweeping removes the temporary files of this file, and nothing else", async (t) => {
  const path = await inFolder(t);
  const folder = dirname(path);
  const others = [".haproxy.cfg.swp", ".other.cfg.0123456789ab.tmp", "haproxy.cfg"];
  for (const name of [...others, ".haproxy.cfg.0123456789ab.tmp"]) {
    await writeFile(join(folder, name), "");
  }
  await sweepBeside(path);
  assert.deepEqual((await readdir(folder)).sort(), others.sort());
});

test("a file of the process's own state is replaced as a whole, and only its owner may read it", async (t) => {
  const folder = join(await throwAwayFolder(t), "state");
  const path = join(folder, "file");
  for (const text of ["one", "two"]) await replaceOwnFile(path, Buffer.from(text));
  assert.equal(await readFile(path, "utf8"), "two");
  assert.deepEqual(
    [(await stat(path)).mode & 0o777, (await stat(folder)).mode & 0o777],
    [0o600, 0o700],
  );
  await mkdir(join(folder, "occupied"));
  await assert.rejects(replaceOwnFile(join(folder, "occupied"), Buffer.from("three")), {
    code: "EISDIR",
  });
  assert.deepEqual((await readdir(folder)).sort(), ["file", "occupied"]);
});
