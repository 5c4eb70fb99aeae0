import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { SimulationReport } from "../../cli/format-simulation.ts";
import { freePort, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { shortTimeouts } from "./haproxy.ts";
import { startNginx } from "./nginx.ts";
import { sidekick, startSidekick } from "./sidekick.ts";
import { watchedHaproxy } from "./watched-haproxy.ts";

const args = ["-c", "sidekick.yaml"];

/** Simulates changes of the configuration in a folder. */
function simulating(t: TestContext, folder: string) {
  return async (...asked: readonly string[]) => {
    const running = startSidekick(t, ["simulate", ...asked, "--json", ...args], { cwd: folder });
    const code = await running.ended;
    const report = JSON.parse(running.stdout()) as SimulationReport;
    const [group] = report.groups;
    assert.ok(group);
    return {
      code,
      report,
      change: group.proxy?.change,
      check: group.check,
      diff: group.files[0]?.diff,
    };
  };
}

test("simulate foretells what haproxy, the guard and the check command would do, and changes nothing", async (t) => {
  const folder = await throwAwayFolder(t);
  const etcd = await startEtcd(t);
  const text = `${shortTimeouts}frontend it
  bind 127.0.0.1:${await freePort()}
`;
  const server = "server {{server}} {{address}} {{labels.options}}";
  const template = `${text}{{#each services}}backend {{name}}\n{{#each instances}}  ${server}\n{{/each}}{{/each}}`;
  const { config, haproxy } = await watchedHaproxy(t, folder, etcd.url, { template, text });
  for (const i of [1, 2, 3, 4]) {
    await etcd.etcdctl("put", `/services/web/127.0.0.1:800${i}`, `127.0.0.1:800${i}`);
  }
  assert.equal((await sidekick(t, ["watch", "--once", ...args], { cwd: folder })).code, 0);
  const observed = async () => {
    const { header } = JSON.parse(await etcd.etcdctl("get", "/x", "-w", "json"));
    const { mtimeMs, ino } = await stat(config);
    const worker = await haproxy.worker();
    const state = await haproxy.send(haproxy.master, `@!${worker} show servers state`);
    // But for the time since the last change, which goes on.
    const servers = state.split("\n").map((row) => row.split(" ").toSpliced(9, 1));
    return {
      revision: header.revision,
      mtimeMs,
      ino,
      worker,
      servers,
      text: await readFile(config, "utf8"),
    };
  };
  const simulated = simulating(t, folder);
  const before = await observed();

  const fewer = await simulated("--without", "web/127.0.0.1:8001");
  assert.equal(fewer.code, 0);
  assert.equal(fewer.change?.how, "adjusted");
  assert.equal(fewer.check.result, "accepted");
  assert.match(fewer.diff ?? "", /^- {2}server \S+ 127\.0\.0\.1:8001/m);

  const more = await simulated("--with", "db/127.0.0.1:5432=127.0.0.1:5432");
  assert.equal(more.code, 0);
  assert.deepEqual(more.change, { how: "reloaded", why: "more than servers changed" });

  const value = JSON.stringify({ host: "127.0.0.1", port: 8009, labels: { options: "sideways" } });
  const refused = await simulated("--with", `web/127.0.0.1:8009=${value}`);
  assert.equal(refused.code, 1);
  assert.match(refused.check.why, /sideways/);
  assert.deepEqual(refused.check.keys, ["/services/web/127.0.0.1:8009"]);

  const gone = [1, 2, 3].flatMap((i) => ["--without", `web/127.0.0.1:800${i}`]);
  const lost = await simulated(...gone);
  assert.equal(lost.code, 3);
  assert.equal(lost.report.retained[0]?.retained, 3);
  assert.deepEqual(lost.change, { how: "unchanged" });
  const at = String(before.revision - 1);
  const past = await simulated("--without", "web/127.0.0.1:8001", "--at", at);
  assert.match(JSON.stringify(past.change), /"adjusted".*"unasked":"its files have other texts/);
  assert.match(past.diff ?? "", /^- {2}server \S+ 127\.0\.0\.1:8001/m);
  assert.doesNotMatch(past.diff ?? "", /8004/, "it was registered later");
  assert.deepEqual(await observed(), before);

  const name = /^ {2}server (\S+) 127\.0\.0\.1:8002/m.exec(before.text)?.[1];
  const moving = `@!${before.worker} set server web/${name} addr 127.0.0.2 port 8002`;
  await haproxy.send(haproxy.master, moving);
  const moved = await simulated("--without", "web/127.0.0.1:8001");
  assert.equal(moved.change?.how, "reloaded");
  assert.match(JSON.stringify(moved.change), /was moved to 127\.0\.0\.2:8002/);
  await haproxy.process.stop("SIGTERM");
  const alone = await simulated("--without", "web/127.0.0.1:8001");
  assert.equal(alone.change?.how, "adjusted");
  assert.match(JSON.stringify(alone.change), /"unasked":"\S/);
});

test("simulate foretells that nginx would be reloaded, or refuse a file, and changes nothing", async (t) => {
  const folder = await throwAwayFolder(t);
  const [config, pidFile] = [join(folder, "nginx.conf"), join(folder, "nginx.pid")];
  const servers = '{{#each (instances "web")}}\nserver {{address}} {{labels.options}};\n{{/each}}';
  await writeFile(
    join(folder, "nginx.conf.hbs"),
    `pid ${pidFile};
error_log ${folder}/error.log;
events {}
http {
access_log off;
upstream web {
${servers}
}
server { listen 127.0.0.1:${await freePort()}; location / { proxy_pass http://web; } }
}
`,
  );
  const keys = {
    services: { web: { "127.0.0.1:8001": "127.0.0.1:8001", "127.0.0.1:8002": "127.0.0.1:8002" } },
  };
  await writeFile(join(folder, "keys.yaml"), JSON.stringify(keys));
  const template = {
    ...{ source: "nginx.conf.hbs", target: config },
    ...{ check: ["nginx", "-t", "-q", "-c", "{candidate}"], proxy: { type: "nginx", pidFile } },
  };
  const settings = { keyspace: "yaml:keys.yaml", watch: { templates: [template] } };
  await writeFile(join(folder, "sidekick.yaml"), JSON.stringify(settings));
  const once = await sidekick(t, ["watch", "--once", ...args], { cwd: folder });
  assert.equal(once.code, 0, once.output);
  const nginx = await startNginx(t, { config, pidFile });
  const simulated = simulating(t, folder);
  const observed = async () => {
    const { mtimeMs, ino } = await stat(config);
    return { mtimeMs, ino, workers: await nginx.workers(), text: await readFile(config, "utf8") };
  };
  const before = await observed();

  const fewer = await simulated("--without", "web/127.0.0.1:8001");
  assert.equal(fewer.code, 0);
  assert.equal(fewer.change?.how, "reloaded");
  assert.equal(fewer.check.result, "accepted");
  assert.match(fewer.diff ?? "", /^-server 127\.0\.0\.1:8001/m);

  const value = JSON.stringify({ host: "127.0.0.1", port: 8009, labels: { options: "sideways" } });
  const refused = await simulated("--with", `web/127.0.0.1:8009=${value}`);
  assert.equal(refused.code, 1);
  assert.match(refused.check.why, /invalid parameter "sideways"/);
  assert.deepEqual(refused.check.keys, ["/services/web/127.0.0.1:8009"]);
  assert.deepEqual(await observed(), before);
});
