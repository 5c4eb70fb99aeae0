import assert from "node:assert/strict";
import { chmod, chown, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { getuid } from "node:process";
import { test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { never } from "../../../lib/base/signal.ts";
import { idOf } from "../../../lib/install/accounts.ts";
import type { InstallTarget } from "../../../lib/install/contract.ts";
import { install } from "../../../lib/install/install.ts";
import { validate } from "../../../lib/install/validate.ts";
import { throwAwayFolder } from "../../support/process.ts";

const deps = { clock: systemClock };
const put = (target: InstallTarget, text: string) => install(target, text, deps, never);

async function attributesOf(path: string) {
  const { mode, uid, gid } = await stat(path);
  return { mode: (mode & 0o7777).toString(8), uid, gid };
}

test("a configured mode is set on a file that exists, too, with the same text as well, and revert restores it", async (t) => {
  const path = join(await throwAwayFolder(t), "a.cfg");
  await writeFile(path, "text\n");
  await chmod(path, 0o604);
  const target = { path, mode: 0o640 };
  const installed = await put(target, "text\n");
  assert.ok(installed.changed);
  assert.equal((await attributesOf(path)).mode, "640");
  assert.deepEqual(await put(target, "text\n"), { changed: false });
  await installed.revert();
  assert.equal((await attributesOf(path)).mode, "604");
});

test("a configured owner and group are set before the check command runs, and kept", async (t) => {
  if (getuid?.() !== 0) return t.skip("only root may change the owner of a file");
  const path = join(await throwAwayFolder(t), "a.cfg");
  const check = {
    run: ["sh", "-c", 'test "$(stat -c %u:%g:%a "$0")" = 12345:2:640', "{candidate}"],
  };
  const target = {
    path,
    owner: "12345",
    group: "bin",
    mode: 0o640,
    check: { ...check, timeout: 60_000 },
  };
  await put(target, "one\n");
  assert.deepEqual(await attributesOf(path), { mode: "640", uid: 12_345, gid: 2 });
  await chown(path, 0, 0);
  const repaired = await put(target, "one\n");
  assert.ok(repaired.changed);
  assert.deepEqual(await attributesOf(path), { mode: "640", uid: 12_345, gid: 2 });
  await repaired.revert();
  assert.equal((await stat(path)).uid, 0);
  await validate(target, "two\n", deps, never);
  assert.equal(await readFile(path, "utf8"), "one\n");
});

test("a user or a group that does not exist is one sentence, and the previous file is kept", async (t) => {
  const path = join(await throwAwayFolder(t), "a.cfg");
  await writeFile(path, "old\n");
  for (const [setting, kind] of [
    ["owner", "user"],
    ["group", "group"],
  ] as const) {
    await assert.rejects(put({ path, [setting]: "absent-account" }, "new\n"), {
      code: "INSTALL_ACCOUNT_UNKNOWN",
      message: `${path} cannot be given to the ${kind} absent-account: there is no such ${kind}; the previous file is kept`,
    });
  }
  assert.equal(await readFile(path, "utf8"), "old\n");
  assert.deepEqual(await readdir(join(path, "..")), ["a.cfg"]);
});

test("a configured owner that this user may not set is one sentence, and the previous file is kept", async (t) => {
  const folder = await throwAwayFolder(t);
  const path = join(folder, "a.cfg");
  await chmod(folder, 0o777);
  await writeFile(path, "old\n");
  await chmod(path, 0o644);
  const group = (await stat(path)).gid;
  const isRoot = process.getuid?.() === 0;
  // The threads that write files have the effective user of the process, too.
  if (isRoot) process.seteuid?.(65_534);
  try {
    await assert.rejects(put({ path, owner: isRoot ? "root" : "1" }, "new\n"), {
      code: "INSTALL_OWNER_DENIED",
      message: `${path} cannot be given to the user ${isRoot ? 0 : 1}: only root may do that; the previous file is kept`,
    });
    assert.deepEqual(await readdir(folder), ["a.cfg"]);
    await put({ path }, "new\n");
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
  assert.equal(
    await readFile(path, "utf8"),
    "new\n",
    "an owner that is not configured is kept as far as permitted",
  );
  assert.equal((await stat(path)).gid, group);
});

test("accounts are found by name and by number", async () => {
  assert.equal(await idOf({ kind: "user", name: "root" }, systemClock, never), 0);
  assert.equal(await idOf({ kind: "group", name: "bin" }, systemClock, never), 2);
  assert.equal(await idOf({ kind: "user", name: "4711" }, systemClock, never), 4711);
  assert.equal(await idOf({ kind: "user", name: "absent-account" }, systemClock, never), undefined);
});
