import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fetchOnce } from "../support/http.ts";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { startNginx } from "./nginx.ts";
import { sidekick, startApp, startSidekick } from "./sidekick.ts";

/** A watcher with the shipped template, an nginx that serves it, and the services web and other with a valid instance. */
async function running(t: TestContext, check: string) {
  const folder = await throwAwayFolder(t);
  const [app, port, marker] = [await startApp(t, "one"), await freePort(), await freePort()];
  const put = (key: string, value: string) => writeFile(join(folder, "keys/services", key), value);
  for (const service of ["web", "other"]) {
    await mkdir(join(folder, "keys/services", service), { recursive: true });
  }
  await put("web/good", `127.0.0.1:${app.port}`);
  await put("other/good", `127.0.0.1:${app.port}`);
  const shipped = new URL("../../templates/nginx.conf.hbs", import.meta.url);
  await copyFile(shipped, join(folder, "nginx.conf.hbs"));
  const pidFile = join(folder, "nginx.pid");
  await writeFile(
    join(folder, "sidekick.yaml"),
    [
      "keyspace: file:./keys",
      "watch:",
      "  retry: { first: 100ms, atMost: 400ms }",
      "  resolve: false",
      "  templates:",
      "    - source: nginx.conf.hbs",
      "      target: nginx.conf",
      check,
      `      proxy: { type: nginx, pidFile: ${pidFile}, marker: "127.0.0.1:${marker}", minInterval: 0s }`,
    ].join("\n"),
  );
  const env = {
    PROXY_LISTEN: `127.0.0.1:${port}`,
    NGINX_PID: pidFile,
    NGINX_ERROR_LOG: join(folder, "error.log"),
    NGINX_MARKER: `127.0.0.1:${marker}`,
  };
  const watching = startSidekick(t, ["watch", "-c", "sidekick.yaml"], { cwd: folder, env });
  const target = join(folder, "nginx.conf");
  const file = () => readFile(target, "utf8");
  await eventually("the first file is written", async () =>
    (await file()).includes(`:${app.port}`),
  );
  await startNginx(t, { config: target, pidFile });
  await eventually("the file is applied", () => /"event":"applied"/.test(watching.output()));
  const statusOf = (host: string) =>
    fetchOnce(`http://127.0.0.1:${port}/`, { headers: { host } }).then(({ status }) => status);
  const status = async () =>
    (await sidekick(t, ["status", "-c", "sidekick.yaml"], { cwd: folder })).output;
  const logged = (pattern: RegExp) =>
    eventually(`the log contains ${pattern}`, () => pattern.test(watching.output()));
  return { folder, put, file, statusOf, status, logged, app, log: watching.output };
}

const checked = '      check: [nginx, -t, -q, -c, "{candidate}"]';

for (const [program, check] of [
  ["the check command", checked],
  ["nginx itself", ""],
] as const) {
  test(`an entry with a host name that ${program} cannot resolve is quarantined; other changes are applied`, async (t) => {
    const { folder, put, file, statusOf, status, logged, app, log } = await running(t, check);
    await put("web/bad", "no-such-host.invalid:80");
    await logged(
      /\/services\/web\/bad \(revision [\w-]+\) is quarantined, and retried from time to time: .*host not found in upstream .*no-such-host/,
    );
    await put("other/second", `localhost:${app.port}`);
    await eventually("the other change is applied", async () =>
      (await file()).includes("localhost"),
    );
    // Without a check command the entry is in the file from time to time, when nginx is made to try it.
    await eventually("it is not in the file", async () => !(await file()).includes("no-such-host"));
    await eventually("the service is served", async () => (await statusOf("web")) === 200);
    assert.match(
      await status(),
      /quarantined \/services\/web\/bad \(revision [\w-]+\): .*host not found/,
    );
    assert.doesNotMatch(log(), /"event":"fault".*host not found/, "it fails no file");
    await rm(join(folder, "keys/services/web/bad"));
    await eventually("status is healthy", async () => / is healthy\b/.test(await status()));
  });
}

test("a template that is invalid for all entries quarantines none of them", async (t) => {
  const { folder, file, statusOf, logged, status } = await running(t, checked);
  const before = await file();
  const template = join(folder, "nginx.conf.hbs");
  const text = await readFile(template, "utf8");
  const line = "server {{address}}/x;";
  const broken = `upstream {{name}} { {{#each instances}}${line}{{/each}} }`;
  await writeFile(template, text.replace("{{> upstream this}}", broken));
  await logged(
    /the check command of .* failed .*invalid .*\(it quotes \/services\/other\/good, \/services\/web\/good\)/,
  );
  assert.equal(await file(), before);
  assert.equal(await statusOf("web"), 200);
  assert.doesNotMatch(await status(), /quarantined/);
  await writeFile(template, text);
  await logged(/"event":"recovered"/);
});
