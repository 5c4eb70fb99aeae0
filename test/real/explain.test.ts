import assert from "node:assert/strict";
import { test } from "node:test";
import type { Explanation, LineExplanation } from "../../lib/overview/explanation.ts";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { shortTimeouts } from "./haproxy.ts";
import { printed, sidekick, startSidekick } from "./sidekick.ts";
import { watchedHaproxy } from "./watched-haproxy.ts";

test("explain answers for instances that haproxy serves, drains or refuses, and for unknown ones", async (t) => {
  const folder = await throwAwayFolder(t);
  const etcd = await startEtcd(t);
  const port = await freePort();
  const text = `${shortTimeouts}frontend it
  bind 127.0.0.1:${port}
  default_backend web
backend web
`;
  const template = `${text}{{#each (getvs "/app/*")}}  {{this}}
{{/each}}{{#each (instances "web")}}  server {{server}} {{address}} weight {{weight}} {{labels.options}}
{{/each}}`;
  const more = { prefixes: ["/services", "/app"] };
  const watch = { snapshotCache: "./cache/snapshot" };
  await watchedHaproxy(t, folder, etcd.url, { template, text, watch, more });
  const args = ["-c", "sidekick.yaml"];
  const stopped = await sidekick(t, ["explain", "web/127.0.0.1:1", ...args], { cwd: folder });
  assert.equal(stopped.code, 1);
  assert.match(stopped.output, /no sidekick answers at .*: explain asks a running agent/);

  const put = async (id: string, more: object) => {
    const value = { host: "127.0.0.1", port: Number(id.split(":")[1]), ...more };
    await etcd.etcdctl("put", `/services/web/${id}`, JSON.stringify(value));
  };
  await put("127.0.0.1:8001", {});
  await put("127.0.0.1:8002", { weight: 0 });
  startSidekick(t, ["watch", ...args], { cwd: folder });
  /** The explanation with its exit code, once it is as expected. */
  const explained = async (id: string, isIt: (one: Explanation) => boolean) =>
    await eventually(`web/${id} is explained`, async () => {
      const output = await printed(t, ["explain", `web/${id}`, "--json", ...args], { cwd: folder });
      if (output === "") return undefined;
      const one = JSON.parse(output) as Explanation;
      return isIt(one) ? one : undefined;
    });
  const codeOf = async (...asked: readonly string[]) =>
    (await sidekick(t, ["explain", ...asked, ...args], { cwd: folder })).code;

  const served = await explained(
    "127.0.0.1:8001",
    ({ verdict, files }) => verdict === "gets traffic" && files[0]?.status.state === "in sync",
  );
  const [file] = served.files;
  assert.equal(file?.lines.shown.length, 1);
  const [line] = file?.lines.shown ?? [];
  assert.match(line?.text ?? "", /127\.0\.0\.1:8001 weight 1/);
  assert.ok(served.watchers.some(({ isSelf, reads }) => isSelf && reads));
  assert.equal(await codeOf("web/127.0.0.1:8001"), 0);

  await explained("127.0.0.1:8002", ({ watchers }) => watchers[0]?.acknowledged === true);
  assert.equal(await codeOf("/services/web/127.0.0.1:8002"), 3);

  await put("127.0.0.1:8003", { labels: { options: "sideways" } });
  const refused = await explained("127.0.0.1:8003", ({ files }) => files[0]?.use === "quarantined");
  assert.match(refused.why, /sideways/);
  assert.equal(await codeOf("web/127.0.0.1:8003"), 3);

  // Haproxy refuses the file for a setting: the instances that it has keep their traffic, and a new one gets none.
  await etcd.etcdctl("put", "/app/extra", "no-such-keyword");
  await put("127.0.0.1:8004", {});
  const reason = /^not served yet: the file \/.*haproxy\.cfg was refused: .*no-such-keyword/;
  const added = await explained("127.0.0.1:8004", ({ why }) => reason.test(why));
  assert.equal(added.verdict, "gets no traffic");
  assert.equal((await explained("127.0.0.1:8001", () => true)).verdict, "gets traffic");
  const lines = (await printed(t, ["top", ...args], { cwd: folder })).split("\n");
  const lineOf = (id: string) => lines.find((one) => one.includes(` web/${id}`))?.trim() ?? "";
  assert.match(lineOf("127.0.0.1:8004"), /^not served .*: not served yet: .* was refused: /);
  assert.match(lineOf("127.0.0.1:8001"), /^serving +web\/127\.0\.0\.1:8001$/);
  await etcd.etcdctl("del", "/app/extra");
  await explained("127.0.0.1:8004", ({ verdict }) => verdict === "gets traffic");

  const unknown = await sidekick(t, ["explain", "web/127.0.0.1:8009", ...args], { cwd: folder });
  assert.equal(unknown.code, 1);
  assert.match(unknown.output, /is not known.*\nsimilar {5}web\/127\.0\.0\.1:8001/);

  const asked = `haproxy.cfg:${line?.number}`;
  const output = await printed(t, ["explain", "--line", asked, "--json", ...args], { cwd: folder });
  const { keys } = JSON.parse(output) as LineExplanation;
  assert.deepEqual(
    keys.map(({ key }) => key),
    ["/services/web/127.0.0.1:8001"],
  );
});
