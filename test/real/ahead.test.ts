import assert from "node:assert/strict";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fetchOnce } from "../support/http.ts";
import { listen } from "../support/listen.ts";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { shortTimeouts, startHaproxy } from "./haproxy.ts";
import { sidekick, startSidekick } from "./sidekick.ts";

/** A watcher of one haproxy, which serves the instances at addresses of 127.0.0.0/8; each answers with its last number. */
async function scene(t: TestContext) {
  const folder = await throwAwayFolder(t);
  const [config, port] = [join(folder, "out", "haproxy.cfg"), await freePort()];
  const app = createServer((request, response) => {
    response.end(request.socket.localAddress?.split(".").at(-1));
  });
  const appPort = await listen(t, app, "0.0.0.0");
  for (const name of ["out", "keys/services/web", "keys/app"]) {
    await mkdir(join(folder, name), { recursive: true });
  }
  const key = (at: number) => join(folder, "keys/services/web", `127.0.0.${at}:${appPort}`);
  const put = (at: number, more = {}) => {
    const value = { host: `127.0.0.${at}`, port: appPort, ...more };
    return writeFile(key(at), JSON.stringify(value));
  };
  const set = (name: string, value: string) => writeFile(join(folder, "keys/app", name), value);
  /** Replaces the check command, which is given the path of the file and counts its runs. */
  const check = async (line: string) => {
    const script = `#!/bin/sh\necho >>${folder}/checks\n${line}\n`;
    await writeFile(join(folder, "check.new"), script);
    await chmod(join(folder, "check.new"), 0o755);
    await rename(join(folder, "check.new"), join(folder, "check"));
  };
  await check('exec haproxy -c -q -f "$1"');
  await set("end", "");
  await put(2);
  await writeFile(
    join(folder, "t.hbs"),
    `global
  stats socket ${folder}/out/admin.sock mode 660 level admin expose-fd listeners
${shortTimeouts}frontend it
  bind 127.0.0.1:${port}
  default_backend web
backend web
  balance roundrobin
{{#each (instances "web")}}
  server {{server}} {{address}} weight {{weight}}
{{/each}}
{{{getv "/app/end" ""}}}
`,
  );
  await writeFile(
    join(folder, "sidekick.yaml"),
    `keyspace: file:./keys
watch:
  retry: { first: 100ms, atMost: 300ms }
  templates:
    - source: t.hbs
      target: ${config}
      prefixes: [/app, /services]
      check: { run: [./check, "{candidate}"], timeout: 10s }
      proxy: { type: haproxy, master: ${folder}/out/master.sock, timeout: 10s }
`,
  );
  const argv = ["-c", "sidekick.yaml"];
  const watch = () => startSidekick(t, ["watch", ...argv], { cwd: folder });
  const once = await sidekick(t, ["watch", "--once", ...argv], { cwd: folder });
  assert.equal(once.code, 0, once.output);
  const haproxy = await startHaproxy(t, { config });
  const onDisk = async () => {
    const text = await readFile(config, "utf8");
    return [...text.matchAll(/ 127\.0\.0\.(\d+):\d+ /g)].map(([, at]) => Number(at));
  };
  /** The running servers that take requests, by the last number of their address. */
  const served = async () => {
    const state = await haproxy.send(join(folder, "out/admin.sock"), "show servers state web");
    const rows = state.matchAll(/^\d+ web \d+ \S+ 127\.0\.0\.(\d+) (\d) (\d+)/gm);
    const up = [...rows].filter(([, , , admin]) => (Number(admin) & 1) === 0);
    return up.map(([, at]) => Number(at)).sort((a, b) => a - b);
  };
  const serves = (...expected: readonly number[]) =>
    eventually(`it serves ${expected}`, async () => `${await served()}` === `${expected}`);
  const has = (...expected: readonly number[]) =>
    eventually(`the file has ${expected}`, async () => `${await onDisk()}` === `${expected}`);
  const status = async () => (await sidekick(t, ["status", ...argv], { cwd: folder })).output;
  const checks = async () => (await readFile(join(folder, "checks"), "utf8")).length;
  const remove = (at: number) => rm(key(at));
  return {
    ...{ folder, config, url: `http://127.0.0.1:${port}/`, put, remove, set, check, checks },
    ...{ watch, haproxy, onDisk, served, serves, has, status },
  };
}

/** A check command that accepts a file once it may, as far as haproxy does. */
const gated = 'while ! test -e open; do sleep 0.05; done; exec haproxy -c -q -f "$1"';

test("servers are served at once; the file follows once its check has accepted it, for several changes together", async (t) => {
  const { watch, put, check, checks, serves, has, onDisk, folder, url, haproxy } = await scene(t);
  const watcher = watch();
  await eventually("it is in sync", () => /"event":"applied"/.test(watcher.output()));
  const worker = await haproxy.worker();
  await check(gated);
  const before = await checks();
  await put(3);
  await serves(2, 3);
  assert.deepEqual(await onDisk(), [2], "a restart of haproxy meets a file that was accepted");
  await put(4);
  await writeFile(join(folder, "open"), "");
  await has(2, 3, 4);
  await serves(2, 3, 4);
  assert.ok((await checks()) - before <= 2, "the changes are checked together");
  assert.equal(await haproxy.worker(), worker, "without a reload");
  assert.equal((await fetchOnce(url)).status, 200);
});

test("a file that its check refuses is rolled back, on disk and in the running process, and the entry is quarantined", async (t) => {
  const { watch, put, check, serves, has, onDisk, status, haproxy } = await scene(t);
  const watcher = watch();
  await eventually("it is in sync", () => /"event":"applied"/.test(watcher.output()));
  const worker = await haproxy.worker();
  // haproxy itself accepts the server.
  await check('! grep -q "127.0.0.66" "$1" && exec haproxy -c -q -f "$1"');
  await put(66);
  await put(3);
  await has(2, 3);
  await serves(2, 3);
  await eventually("it is quarantined", async () => /127\.0\.0\.66/.test(await status()));
  assert.deepEqual(await onDisk(), [2, 3]);
  assert.equal(await haproxy.worker(), worker, "without a reload");
});

test("a check command that fails for reasons of its own keeps the previous file, and the process goes back to it", async (t) => {
  const { watch, put, check, serves, has, onDisk, status } = await scene(t);
  const watcher = watch();
  await eventually("it is in sync", () => /"event":"applied"/.test(watcher.output()));
  await check("echo out of order; exit 7");
  await put(3);
  const refused =
    /the check command of \S+ failed \(exit code 7: out of order\); the previous file is kept/;
  await eventually("it is logged", () => refused.test(watcher.output()));
  await serves(2);
  assert.deepEqual(await onDisk(), [2]);
  await eventually("status reports it", async () => refused.test(await status()));
  await check('exec haproxy -c -q -f "$1"');
  await has(2, 3);
  await serves(2, 3);
  await eventually("it is healthy", async () => / is healthy\b/.test(await status()));
});

test("a name twice, and a directive that haproxy refuses, never reach the file or the process", async (t) => {
  const { watch, put, remove, set, serves, has, onDisk, status } = await scene(t);
  const watcher = watch();
  await eventually("it is in sync", () => /"event":"applied"/.test(watcher.output()));
  for (const end of ["  server x 127.0.0.9:1\n  server x 127.0.0.9:2", "  no_such_directive x"]) {
    await set("end", end);
    await put(3);
    await eventually("status reports it", async () =>
      /the check command of \S+ failed/.test(await status()),
    );
    assert.deepEqual(await onDisk(), [2]);
    await serves(2);
    await set("end", "");
    await has(2, 3);
    await serves(2, 3);
    await remove(3);
    await serves(2);
    await has(2);
  }
});

for (const isGood of [true, false]) {
  const title = isGood ? "an accepted" : "a refused";
  test(`killed before the file follows: the next start validates it, with ${title} one`, async (t) => {
    const { watch, put, check, serves, has, onDisk, folder, haproxy, config, status } =
      await scene(t);
    const first = watch();
    await eventually("it is in sync", () => /"event":"applied"/.test(first.output()));
    await check(gated);
    await put(3);
    await serves(2, 3);
    await first.stop("SIGKILL");
    assert.deepEqual(await onDisk(), [2], "the file was accepted");
    process.kill(-haproxy.process.pid, "SIGKILL");
    await haproxy.process.ended;
    const again = await startHaproxy(t, { config });
    assert.ok(await again.worker(), "a restart of haproxy meets a valid file");
    if (!isGood) await check('! grep -q "127.0.0.3:" "$1" && exec haproxy -c -q -f "$1"');
    await writeFile(join(folder, "open"), "");
    watch();
    if (isGood) await has(2, 3);
    else await eventually("it is quarantined", async () => /127\.0\.0\.3/.test(await status()));
    await serves(...(isGood ? [2, 3] : [2]));
    assert.deepEqual(await onDisk(), isGood ? [2, 3] : [2]);
  });
}

test("at its end the watcher has the file follow", async (t) => {
  const { watch, put, serves, onDisk } = await scene(t);
  const watcher = watch();
  await eventually("it is in sync", () => /"event":"applied"/.test(watcher.output()));
  await put(3);
  await eventually("it is served", () => /is served, and written once/.test(watcher.output()));
  assert.equal(await watcher.stop(), 0);
  await serves(2, 3);
  assert.deepEqual(await onDisk(), [2, 3]);
});

test("a haproxy that was reloaded before the file follows serves it afterwards", async (t) => {
  const { watch, put, check, serves, has, folder, haproxy } = await scene(t);
  const watcher = watch();
  await eventually("it is in sync", () => /"event":"applied"/.test(watcher.output()));
  await check(gated);
  await put(3);
  await serves(2, 3);
  const worker = await haproxy.worker();
  haproxy.process.child.kill("SIGUSR2");
  await eventually("there is a new worker", async () => (await haproxy.worker()) !== worker);
  await writeFile(join(folder, "open"), "");
  await has(2, 3);
  await serves(2, 3);
});
