import assert from "node:assert/strict";
import { chmod, chown, lstat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import type { StatusReport } from "../../lib/status/contract.ts";
import { fetchOnce } from "../support/http.ts";
import { events } from "../support/log-events.ts";
import { eventually, freePort, type Running, start, throwAwayFolder } from "../support/process.ts";
import { main, printed, sidekick, startSidekick } from "./sidekick.ts";

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
    begin: (command = "run", file = "sidekick.yaml") =>
      startSidekick(t, [command, "-c", file], options),
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
  const presence = begin("presence");
  const other = await listening(presence, folder);
  assert.notEqual(other, socket);
  const several = await call("status", "-c", "sidekick.yaml");
  assert.equal(several.code, 2);
  const of = (agent: Running) => `${join(folder, "sidekick.yaml")} \\(process id ${agent.pid}\\)`;
  const named = `${of(running)}: --socket ${socket}\n${of(presence)}: --socket ${other}\n$`;
  assert.match(several.output, new RegExp(`^sidekick: several .* sidekick status --all\n${named}`));

  running.child.kill("SIGSTOP");
  const hanging = await call("status", "--socket", socket);
  assert.deepEqual(hanging, {
    code: 1,
    output: `sidekick: the sidekick at ${socket} did not answer within 3s\n`,
  });
  assert.equal(await running.stop("SIGKILL"), null);
  // Degraded, with exit code 3, if the presence agent has taken the entries over.
  await eventually("the second one takes the socket over", async () =>
    [0, 3].includes((await call("status", "--socket", socket)).code ?? 1),
  );
});

test("status --all prints every agent of this user, and its exit code is the worst", async (t) => {
  const { folder, begin, call, printed } = await scene(t);
  const none = await call("status", "--all");
  assert.equal(none.code, 1);
  assert.match(none.output, /^sidekick: no sidekick answers at /);
  await writeFile(
    join(folder, "down.yaml"),
    `keyspace: file:./keys
presence:
  services:
    - { name: web, host: 127.0.0.1, port: ${await freePort()}, checks: [{ type: tcp, interval: 100ms }] }
`,
  );
  const [up, down] = [begin(), begin("run", "down.yaml")];
  const sockets = [await listening(down, folder), await listening(up, folder)];
  await eventually("the worst exit code", async () => {
    const { code, output } = await call("status", "--all");
    const titles = output.match(/^==> .*\.yaml \(process id \d+\): .*\.sock <==$/gm);
    assert.equal(titles?.length, 2, output);
    return code === 3 && /is healthy: 1 of 1/.test(output);
  });
  assert.equal((await call("status", "-c", "sidekick.yaml")).code, 0);
  const agents = JSON.parse(await printed("status", "--all", "--json"));
  assert.deepEqual(
    agents.map(({ socket, report }: { socket: string; report: StatusReport }) => [
      ...[socket, report.pid, report.configuration, report.degraded],
    ]),
    [
      [sockets[0], down.pid, [join(folder, "down.yaml")], true],
      [sockets[1], up.pid, [join(folder, "sidekick.yaml")], false],
    ],
  );
  assert.equal((await call("status", "--all", "--healthy")).code, 0);
  up.child.kill("SIGSTOP");
  const hanging = await call("status", "--all", "--healthy");
  assert.equal(hanging.code, 1);
  assert.match(
    hanging.output,
    /^==> an agent that does not answer: .*\n.*did not answer within 3s$/m,
  );
});

const asRoot = { skip: process.getuid?.() !== 0 && "needs root, to give files to another user" };

/** Root without its right to open the files of others: another user might not be permitted to read the program. */
const unprivileged = [
  ...["setpriv", "--bounding-set=-dac_override,-dac_read_search"],
  "--inh-caps=-dac_override,-dac_read_search",
];

const another = 65_534;

test("a permission that is missing is not an agent that is missing", asRoot, async (t) => {
  const { folder, begin } = await scene(t);
  const socket = await listening(begin(), folder);
  for (const path of [socket, dirname(socket), folder]) await chown(path, another, another);
  const ask = async (...args: string[]) => {
    const env = { RUNTIME_DIRECTORY: dirname(socket) };
    const asked = start(t, [...unprivileged, ...main, "status", ...args], { cwd: "/", env });
    return { code: await asked.ended, output: asked.output() };
  };
  for (const [args, path] of [
    [["--socket", socket], socket],
    [["-c", "/nowhere/sidekick.yaml", "--socket", socket], socket],
    [[], dirname(socket)],
    [["--all"], dirname(socket)],
  ] as const) {
    const { code, output } = await ask(...args);
    assert.equal(code, 1);
    assert.match(
      output,
      new RegExp(`^sidekick: permission denied: ${path} is for the user of its agent: .*\n$`),
    );
  }
  // Readable, with a socket that is not.
  await chmod(folder, 0o755);
  await chmod(dirname(socket), 0o755);
  assert.match((await ask()).output, new RegExp(`^sidekick: permission denied: ${socket} is for`));
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
