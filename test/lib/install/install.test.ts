import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { getuid } from "node:process";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import type { Fault } from "../../../lib/base/fault.ts";
import { never } from "../../../lib/base/signal.ts";
import type { InstallTarget } from "../../../lib/install/contract.ts";
import { install } from "../../../lib/install/install.ts";
import { sweep } from "../../../lib/install/sweep.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";

const put = (target: InstallTarget, text: string, signal = never) =>
  install(target, text, { clock: systemClock }, signal);

const checkedBy = (shell: string, timeout = 5000) => ({
  run: ["/bin/sh", "-c", shell, "check", "{candidate}"],
  timeout,
});

/** Installs `text` and returns its `revert`. */
async function changed(target: InstallTarget, text: string): Promise<() => Promise<void>> {
  const installed = await put(target, text);
  assert.ok(installed.changed);
  return installed.revert;
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o7777).toString(8);
}

const withCode = (code: string, message: RegExp) => (error: Fault) => {
  assert.equal(error.code, code);
  assert.equal(error.retry, true);
  assert.match(error.message, message);
  return true;
};

/** Mounts until it is disposed of; skips the test where that is not permitted. */
function mount(t: TestContext, args: readonly string[], on: string): Disposable | undefined {
  try {
    execFileSync("mount", [...args, on], { stdio: "pipe" });
  } catch (error) {
    t.skip(`mount is not permitted here: ${String(error)}`);
    return undefined;
  }
  return { [Symbol.dispose]: () => execFileSync("umount", [on]) };
}

test("a new file gets the text and the configured mode, and revert removes it", async (t) => {
  const folder = await throwAwayFolder(t);
  const path = join(folder, "a.cfg");
  const revert = await changed({ path, mode: 0o640 }, "one\n");
  assert.equal(await readFile(path, "utf8"), "one\n");
  assert.equal(await modeOf(path), "640");
  await revert();
  assert.deepEqual(await readdir(folder), []);
});

test("a new file is 0644 unless configured", async (t) => {
  const path = join(await throwAwayFolder(t), "a.cfg");
  await changed({ path }, "one\n");
  assert.equal(await modeOf(path), "644");
});

test("an existing file keeps its mode, and revert restores text and mode", async (t) => {
  const folder = await throwAwayFolder(t);
  const path = join(folder, "a.cfg");
  await writeFile(path, "old\n");
  await chmod(path, 0o604);
  const revert = await changed({ path }, "new\n");
  assert.equal(await readFile(path, "utf8"), "new\n");
  assert.equal(await modeOf(path), "604");
  await revert();
  assert.equal(await readFile(path, "utf8"), "old\n");
  assert.equal(await modeOf(path), "604");
  assert.deepEqual(await readdir(folder), ["a.cfg"]);
});

test("an existing file keeps its owner", async (t) => {
  if (getuid?.() !== 0) return t.skip("only root may change the owner of a file");
  const path = join(await throwAwayFolder(t), "a.cfg");
  await writeFile(path, "old\n");
  await chown(path, 12_345, 23_456);
  const revert = await changed({ path }, "new\n");
  const { uid, gid } = await stat(path);
  assert.deepEqual({ uid, gid }, { uid: 12_345, gid: 23_456 });
  await revert();
  assert.equal((await stat(path)).uid, 12_345);
});

test("the same text changes nothing, and it is compared with the file on disk", async (t) => {
  const path = join(await throwAwayFolder(t), "a.cfg");
  const target = { path };
  await changed(target, "one\n");
  const { ino } = await stat(path);
  assert.deepEqual(await put({ path, check: checkedBy("exit 1") }, "one\n"), { changed: false });
  assert.deepEqual(await put(target, "one\n"), { changed: false });
  assert.equal((await stat(path)).ino, ino);
  await writeFile(path, "edited by hand\n");
  const revert = await changed(target, "one\n");
  assert.equal(await readFile(path, "utf8"), "one\n");
  await revert();
  assert.equal(await readFile(path, "utf8"), "edited by hand\n");
  await changed(target, "one\n");
});

test("the check sees the new text beside the old one, with the final mode", async (t) => {
  const folder = await throwAwayFolder(t);
  const path = join(folder, "a.cfg");
  await writeFile(path, "old\n");
  await chmod(path, 0o600);
  const seen = join(folder, "seen");
  const check = checkedBy(`cat "$1" ${path} > ${seen}; stat -c %a "$1" >> ${seen}`);
  await changed({ path, check }, "new\n");
  assert.equal(await readFile(seen, "utf8"), "new\nold\n600\n");
});

test("a failed check keeps the previous file, and the fault has the command's output", async (t) => {
  const folder = await throwAwayFolder(t);
  const path = join(folder, "a.cfg");
  await writeFile(path, "old\n");
  const check = checkedBy('echo "$1:3: no such directive" >&2; exit 2');
  await assert.rejects(
    put({ path, check }, "new\n"),
    withCode("INSTALL_CHECK_FAILED", new RegExp(`exit code 2: ${path}:3: no such directive`)),
  );
  assert.equal(await readFile(path, "utf8"), "old\n");
  assert.deepEqual(await readdir(folder), ["a.cfg"]);
});

test("a check that reaches its time limit or cannot be started has failed", async (t) => {
  const path = join(await throwAwayFolder(t), "a.cfg");
  await assert.rejects(
    put({ path, check: checkedBy("sleep 30", 50) }, "new\n"),
    withCode("INSTALL_CHECK_FAILED", /timed out after 50ms/),
  );
  await assert.rejects(
    put({ path, check: { run: ["/no/such/check"], timeout: 1000 } }, "new\n"),
    withCode("INSTALL_CHECK_FAILED", /cannot be started: .*ENOENT/),
  );
});

test("an abort during the check terminates it and leaves nothing behind", async (t) => {
  const folder = await throwAwayFolder(t);
  const path = join(folder, "a.cfg");
  await writeFile(path, "old\n");
  const stop = new AbortController();
  const installing = put({ path, check: checkedBy("exec sleep 30") }, "new\n", stop.signal);
  await eventually("the check runs", async () => (await readdir(folder)).length === 2);
  stop.abort(new Error("stopping"));
  await assert.rejects(installing, /stopping/);
  assert.deepEqual(await readdir(folder), ["a.cfg"]);
  assert.equal(await readFile(path, "utf8"), "old\n");
});

test("a link is followed and kept, even if it points to a file that does not exist yet", async (t) => {
  const folder = await throwAwayFolder(t);
  await mkdir(join(folder, "real"));
  const path = join(folder, "a.cfg");
  await symlink("real/a.cfg", path);
  const revert = await changed({ path }, "one\n");
  assert.equal(await readlink(path), "real/a.cfg");
  assert.equal(await readFile(join(folder, "real/a.cfg"), "utf8"), "one\n");
  await changed({ path }, "two\n");
  assert.equal(await readFile(join(folder, "real/a.cfg"), "utf8"), "two\n");
  assert.deepEqual(await readdir(join(folder, "real")), ["a.cfg"]);
  await revert();
  assert.ok((await lstat(path)).isSymbolicLink());
  assert.deepEqual(await readdir(join(folder, "real")), []);
});

test("a missing folder, a folder in place of the file and a device are faults", async (t) => {
  const folder = await throwAwayFolder(t);
  await assert.rejects(
    put({ path: join(folder, "no/a.cfg") }, "x"),
    withCode("INSTALL_UNWRITABLE", /no\/a\.cfg cannot be replaced: ENOENT: no such file/),
  );
  await assert.rejects(put({ path: folder }, "x"), withCode("INSTALL_UNWRITABLE", /not a file/));
  await assert.rejects(
    put({ path: "/dev/null" }, "x"),
    withCode("INSTALL_UNWRITABLE", /not a file/),
  );
});

test("a full disk is a fault, the previous file is kept and no other is left beside it", async (t) => {
  const folder = await throwAwayFolder(t);
  using disk = mount(t, ["-t", "tmpfs", "-o", "size=64k", "tmpfs"], folder);
  if (!disk) return;
  const path = join(folder, "a.cfg");
  await changed({ path }, "old\n");
  await assert.rejects(
    put({ path }, "x".repeat(200_000)),
    withCode("INSTALL_UNWRITABLE", /ENOSPC: no space left on device/),
  );
  assert.equal(await readFile(path, "utf8"), "old\n");
  assert.deepEqual(await readdir(folder), ["a.cfg"]);
  await changed({ path }, "new\n");
});

test("a read-only file system is a fault", async (t) => {
  const folder = await throwAwayFolder(t);
  using disk = mount(t, ["-t", "tmpfs", "-o", "ro", "tmpfs"], folder);
  if (!disk) return;
  await assert.rejects(
    put({ path: join(folder, "a.cfg") }, "x"),
    withCode("INSTALL_UNWRITABLE", /EROFS: read-only file system/),
  );
});

test("a file that is a mount point is overwritten in place, and reverted", async (t) => {
  const folder = await throwAwayFolder(t);
  const [path, source] = [join(folder, "a.cfg"), join(folder, "source")];
  await writeFile(source, "old and longer\n");
  await writeFile(path, "");
  using file = mount(t, ["--bind", source], path);
  if (!file) return;
  const revert = await changed({ path, check: checkedBy('grep -q new "$1"') }, "new\n");
  assert.equal(await readFile(source, "utf8"), "new\n");
  assert.deepEqual(await readdir(folder), ["a.cfg", "source"]);
  await revert();
  assert.equal(await readFile(source, "utf8"), "old and longer\n");
});

test("a mount point on a full disk gets its previous text again", async (t) => {
  const folder = await throwAwayFolder(t);
  const [path, small] = [join(folder, "a.cfg"), join(folder, "small")];
  await mkdir(small);
  using disk = mount(t, ["-t", "tmpfs", "-o", "size=64k", "tmpfs"], small);
  if (!disk) return;
  const source = join(small, "source");
  await writeFile(source, "old\n");
  await writeFile(path, "");
  using file = mount(t, ["--bind", source], path);
  if (!file) return;
  await assert.rejects(
    put({ path }, "x".repeat(200_000)),
    withCode("INSTALL_UNWRITABLE", /ENOSPC/),
  );
  assert.equal(await readFile(source, "utf8"), "old\n");
  assert.deepEqual(await readdir(folder), ["a.cfg", "small"]);
});

test("staged files that a crash has left beside the target are removed, and no others", async (t) => {
  const folder = await throwAwayFolder(t);
  const others = [".a.cfg.bak", ".a.cfg.old.tmp", ".b.cfg.0123456789ab.tmp", "a.cfg"];
  for (const name of [...others, ".a.cfg.0123456789ab.tmp"])
    await writeFile(join(folder, name), "");
  await sweep({ path: join(folder, "a.cfg") });
  assert.deepEqual((await readdir(folder)).sort(), others);
  await sweep({ path: join(folder, "no/a.cfg") });
});

test("the fault has the cleaned lines of the check command", async (t) => {
  const path = join(await throwAwayFolder(t), "a.cfg");
  const check = {
    run: ["/bin/sh", "-c", "echo 'pid 77: no such directive'; exit 2"],
    timeout: 10_000,
  };
  const clean = (line: string) => line.replace(/^pid \d+: /, "");
  await assert.rejects(
    install({ path, check }, "new\n", { clock: systemClock, clean }, never),
    withCode("INSTALL_CHECK_FAILED", /exit code 2: no such directive/),
  );
});

test("a check command that could not run, for a lack of processes, is no rejection", async (t) => {
  const path = join(await throwAwayFolder(t), "a.cfg");
  const target = { path, check: checkedBy("echo 'sh: 1: Cannot fork' >&2; exit 2") };
  await assert.rejects(
    put(target, "one"),
    withCode(
      "INSTALL_RESOURCES_EXHAUSTED",
      /no further processes for this user \(sh: 1: Cannot fork\)/,
    ),
  );
});

test("a fault before the first file reports that there is none", async (t) => {
  const folder = await throwAwayFolder(t);
  const target = { path: join(folder, "new"), check: checkedBy("exit 1") };
  const none = /; there is no file yet$/;
  await assert.rejects(put(target, "a"), withCode("INSTALL_CHECK_FAILED", none));
  const missing = { path: join(folder, "none/new") };
  await assert.rejects(put(missing, "a"), withCode("INSTALL_UNWRITABLE", none));
});

test("a file that another program has changed since it was written is noticed", async (t) => {
  const path = join(await throwAwayFolder(t), "out");
  const target = { path };
  const wasForeign = async (text: string) => {
    const installed = await put(target, text);
    return installed.changed && installed.wasForeign;
  };
  await writeFile(path, "of an operator");
  assert.equal(await wasForeign("a"), false, "nothing was written yet");
  assert.equal(await wasForeign("b"), false);
  await writeFile(path, "of another");
  assert.equal(await wasForeign("c"), true);
  await writeFile(path, "c");
  assert.equal(await wasForeign("d"), false, "it has the same text");
  await put({ path }, "d");
  const restarted = { path };
  await put(restarted, "d");
  await writeFile(path, "of another");
  const installed = await put(restarted, "e");
  assert.ok(installed.changed && installed.wasForeign, "the text was right at the start");
});
