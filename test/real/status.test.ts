import assert from "node:assert/strict";
import { lstat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { fetchOnce } from "../support/http.ts";
import { events } from "../support/log-events.ts";
import { eventually, freePort, type Running, throwAwayFolder } from "../support/process.ts";
import { printed, sidekick, startSidekick } from "./sidekick.ts";

/** The path or URL that begins with `start` and at which a sidekick serves its status. */
async function listening(running: Running, start: string): Promise<string> {
  return await eventually("sidekick listens", () => {
    const places = events(running).flatMap(({ event, where }) =>
      event === "listening" ? [String(where)] : [],
    );
    return places.find((where) => where.startsWith(start));
  });
}

/** A folder with a configuration, and a runtime folder of its own to hide the sidekicks of other tests. */
async function scene(t: TestContext, status = "") {
  const folder = await throwAwayFolder(t);
  const config = `keyspace: file:./keys
presence:
  services: [{ name: web, host: 127.0.0.1, port: 8810 }]
${status}`;
  await writeFile(join(folder, "sidekick.yaml"), config);
  const options = { cwd: folder, env: { RUNTIME_DIRECTORY: join(folder, "run") } };
  return {
    folder,
    begin: (command = "run") => startSidekick(t, [command, "-c", "sidekick.yaml"], options),
    call: (...args: string[]) => sidekick(t, args, options),
    printed: (...args: string[]) => printed(t, args, options),
  };
}

test("a running sidekick is found by its configuration, by its socket, and by its folder", async (t) => {
  const { folder, begin, call, printed } = await scene(t);
  const none = await call("status", "-c", "sidekick.yaml");
  assert.deepEqual(none, {
    code: 1,
    output: "sidekick: no sidekick answers at the socket of sidekick.yaml\n",
  });
  const running = begin();
  const socket = await listening(running, folder);
  assert.equal((await lstat(socket)).mode & 0o777, 0o600);
  assert.equal((await lstat(dirname(socket))).mode & 0o777, 0o700);
  for (const args of [
    ["-c", "sidekick.yaml"],
    ["--socket", socket],
  ]) {
    const { code, output } = await call("status", ...args);
    assert.match(output, /^sidekick \d+\.\d+\.\d+ is (healthy|degraded and not ready)\b/);
    assert.equal(code, output.includes("is healthy") ? 0 : 3);
    assert.equal((await call("status", "--healthy", ...args)).code, 0);
  }
  const report = JSON.parse(await printed("status", "--json", "--socket", socket));
  assert.deepEqual(
    [report.pid, report.keyspace.url],
    [running.pid, `file:${join(folder, "keys")}`],
  );
  assert.equal(await running.stop(), 0);
  const gone = await call("status", "--socket", socket);
  assert.equal(gone.code, 1);
  assert.match(
    gone.output,
    new RegExp(`^sidekick: no sidekick answers at ${socket}: .*ENOENT.*\n$`),
  );
});

test("status distinguishes two agents of one configuration, and does not wait for one that hangs", async (t) => {
  const { folder, begin, call } = await scene(t);
  const running = begin();
  const socket = await listening(running, folder);
  const twin = begin();
  await eventually("the second one reports that its socket is in use", () =>
    events(twin).some(({ code }) => code === "CONTROL_SOCKET_IN_USE"),
  );
  const other = await listening(begin("presence"), folder);
  assert.notEqual(other, socket);
  const several = await call("status", "-c", "sidekick.yaml");
  assert.equal(several.code, 2);
  assert.match(several.output, new RegExp(`several.*: ${socket}, ${other}\n$`));

  running.child.kill("SIGSTOP");
  const hanging = await call("status", "--socket", socket);
  assert.deepEqual(hanging, {
    code: 1,
    output: `sidekick: the sidekick at ${socket} did not answer within 3s\n`,
  });
  assert.equal(await running.stop("SIGKILL"), null);
  await eventually(
    "the second one takes the socket over",
    async () => (await call("status", "--socket", socket)).code === 0,
  );
});

test("a configured socket and address are used, and the address is read-only", async (t) => {
  const port = await freePort();
  const { folder, begin, call } = await scene(
    t,
    `status: { socket: ./own.sock, listen: "127.0.0.1:${port}" }\n`,
  );
  const running = begin();
  const socket = await listening(running, folder);
  assert.equal(socket, join(folder, "own.sock"));
  const url = await listening(running, "http");
  assert.equal(url, `http://127.0.0.1:${port}`);
  assert.deepEqual(await fetchOnce(`${url}/healthz`), { status: 200, body: "healthy" });
  assert.equal((await fetchOnce(`${url}/drain`)).status, 404);
  const { code } = await call("status", "-c", "sidekick.yaml");
  assert.equal(code, 0);
});

test("an invalid drain is reported in one sentence", async (t) => {
  const { folder, begin, call } = await scene(t);
  await listening(begin(), folder);
  const { code, output } = await call("drain", "-c", "sidekick.yaml", "web/unknown");
  assert.match(output, /^sidekick: there is n[^\n]*\n$/);
  assert.equal(code, 2);
  const wrong = await call("drain", "--for", "soon");
  assert.match(wrong.output, /expected a duration such as 500ms or 10s/);
  assert.equal(wrong.code, 2);
});
