import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { never } from "../../lib/base/signal.ts";
import { getJson } from "../../lib/control/client.ts";
import type { Overview } from "../../lib/overview/contract.ts";
import type { Fleet, FleetFinding } from "../../lib/overview/fleet-contract.ts";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { shortTimeouts, startHaproxy } from "./haproxy.ts";
import { sidekick, startSidekick } from "./sidekick.ts";

test("fleet names the watcher whose proxy is down, the one that refuses an entry, and one of an older version", async (t) => {
  const folder = await throwAwayFolder(t);
  const etcd = await startEtcd(t);
  const fleet = async (...args: readonly string[]) =>
    await sidekick(t, ["fleet", etcd.url, ...args], { cwd: folder });
  /** The fleet, once it is as expected. */
  const becomes = async (what: string, isIt: (fleet: Fleet) => boolean) =>
    await eventually(what, async () => {
      const { output } = await fleet("--json");
      const known = JSON.parse(output) as Fleet;
      return isIt(known) ? known : undefined;
    });
  const has = ({ findings }: Fleet, kind: FleetFinding["kind"]) =>
    findings.some((one) => one.kind === kind);

  const none = await fleet();
  assert.deepEqual([none.code, none.output.trim()], [3, `no watcher has an entry in ${etcd.url}`]);

  const list = (mark = "") => `{{#each (instances "web")}}${mark}{{address}}\n{{/each}}`;
  const haproxyConfig = join(folder, "haproxy.cfg");
  const text = `${shortTimeouts}frontend it\n  bind 127.0.0.1:${await freePort()}\n`;
  await writeFile(haproxyConfig, text);
  await writeFile(join(folder, "haproxy.cfg.hbs"), `${text}${list("# ")}`);
  await writeFile(join(folder, "list.hbs"), list());
  const haproxy = await startHaproxy(t, { config: haproxyConfig });
  const templates = {
    proxied: `{ source: haproxy.cfg.hbs, target: haproxy.cfg, proxy: { type: haproxy, master: ${haproxy.master} } }`,
    plain: "{ source: list.hbs, target: plain }",
    checked:
      '{ source: list.hbs, target: checked, check: [sh, -c, "! grep 10.0.0.66 {candidate}"] }',
  };
  await etcd.etcdctl("put", "/services/web/10.0.0.1:80", "10.0.0.1:80");
  for (const [name, template] of Object.entries(templates)) {
    const lines = [
      `keyspace: ${etcd.url}`,
      `status: { socket: ./${name}.sock }`,
      `watch: { snapshotCache: false, templates: [${template}] }`,
    ];
    await writeFile(join(folder, `${name}.yaml`), lines.join("\n"));
    startSidekick(t, ["watch", "-c", `${name}.yaml`], { cwd: folder });
  }
  const agreed = await becomes(
    "all are in sync",
    ({ watchers, isAgreed }) => isAgreed && watchers.length === 3,
  );
  assert.deepEqual([agreed.findings, agreed.notes], [[], []]);
  const good = await sidekick(t, ["fleet", "-c", "plain.yaml"], { cwd: folder });
  assert.equal(good.code, 0);
  assert.match(good.output, /^3 watchers: all files are in sync, and no watcher differs/);

  const seen = await eventually("the overview of an agent has all of them", async () => {
    const overview = await getJson<Overview>(join(folder, "plain.sock"), "/overview", never);
    return overview.watchers.length === 3 && overview;
  });
  assert.deepEqual(
    seen.watchers.map(({ isSelf }) => isSelf),
    [true, false, false],
  );
  assert.ok(seen.commands.includes(`sidekick fleet -c ${join(folder, "plain.yaml")}`));

  const [id = ""] = /[0-9a-f]{10,}/.exec(await etcd.etcdctl("lease", "grant", "60")) ?? [];
  const old = JSON.stringify({
    session: String(BigInt(`0x${id}`)),
    prefixes: ["/services"],
    drained: {},
  });
  await etcd.etcdctl("put", `--lease=${id}`, "/sidekick/watchers/old.1.x", old);
  await etcd.etcdctl("put", "/sidekick/watchers/forged.1.x", old);
  await etcd.etcdctl("put", "/services/web/bad", "10.0.0.66:80");
  haproxy.process.child.kill("SIGTERM");
  const known = await becomes(
    "all of that is known",
    (one) => has(one, "proxy down") && has(one, "refusing") && has(one, "older version"),
  );
  assert.equal(known.ignored.length, 1);
  const { code, output } = await fleet();
  assert.equal(code, 3);
  const [verdict = "", headings = "", ...rows] = output.trim().split("\n");
  assert.match(
    verdict,
    /^4 watchers: \S+ has a proxy that is down; \S+ refuses an entry; old\.1\.x is of an older version$/,
  );
  assert.match(headings, /^WATCHER +STATE +FILE /);
  const expected = [
    /^\S+ +proxy down +\S+haproxy\.cfg +\d+ .* its proxy is down/,
    /^\S+ +in sync +\S+checked +\d+ .* refuses \/services\/web\/bad@\d+/,
    /^old\.1\.x +unknown +- .* its entry does not have the state of files$/,
    /^\S+ +in sync +\S+plain +\d+ +\d+ +[0-9a-f]{12}$/,
    /^1 entry is ignored: \/sidekick\/watchers\/forged\.1\.x: no session keeps it$/,
  ];
  assert.equal(rows.length, expected.length, output);
  for (const [i, pattern] of expected.entries()) assert.match(rows[i] ?? "", pattern);

  await etcd.kill();
  const lost = await fleet();
  assert.equal(lost.code, 1, lost.output);
});
