import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { main, sidekick } from "./sidekick.ts";

const haproxy = `defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
listen any
  bind 127.0.0.1:1
{{#each services}}
backend {{name}}
{{#each instances}}
  server {{server}} {{address}} {{labels.options}}
{{/each}}
{{/each}}
`;

test("check --live renders what the keyspace has, runs check commands, and leaves the targets alone", async (t) => {
  const [etcd, folder] = [await startEtcd(t), await throwAwayFolder(t)];
  await mkdir(join(folder, "out"));
  await writeFile(join(folder, "haproxy.hbs"), haproxy);
  await writeFile(join(folder, "out/haproxy.cfg"), "the file in use\n");
  await writeFile(join(folder, "list.hbs"), '{{getv "/services/web/10.0.0.1:80"}}\n');
  await writeFile(
    join(folder, "sidekick.yaml"),
    `keyspace: ${etcd.url}
watch:
  templates:
    - { source: haproxy.hbs, target: out/haproxy.cfg, check: [haproxy, -c, -f, "{candidate}"] }
    - { source: list.hbs, target: out/list }
`,
  );
  const check = async () =>
    await sidekick(t, ["check", "-c", "sidekick.yaml", "--live"], { cwd: folder });

  const empty = await check();
  assert.equal(empty.code, 2, empty.output);
  assert.match(
    empty.output,
    /haproxy\.cfg is rendered from no keys: there are none below \/services/,
  );
  assert.match(
    empty.output,
    /list\.hbs:1:1: getv: the key \/services\/web\/10\.0\.0\.1:80 does not exist/,
  );

  const put = async (options: string) => {
    const value = { host: "10.0.0.1", port: 80, labels: { options } };
    await etcd.etcdctl("put", "/services/web/10.0.0.1:80", JSON.stringify(value));
  };
  await put("chekc");
  const rejected = await check();
  assert.equal(rejected.code, 2, rejected.output);
  assert.match(
    rejected.output,
    /^sidekick: sidekick\.yaml:4:38: the check command of .*haproxy\.cfg failed .*chekc/,
  );

  await put("check");
  const valid = await check();
  assert.deepEqual(valid, { code: 0, output: "sidekick.yaml: valid (2 templates)\n" });
  assert.deepEqual(await readdir(join(folder, "out")), ["haproxy.cfg"], "no file is left");
});

test("check --live of a keyspace that is unreachable exits with 1", async (t) => {
  const folder = await throwAwayFolder(t);
  await writeFile(join(folder, "t.hbs"), "");
  await writeFile(
    join(folder, "sidekick.yaml"),
    "keyspace: etcd://127.0.0.1:1\nwatch: { templates: [{ source: t.hbs, target: t }] }\n",
  );
  const { code, output } = await sidekick(t, ["check", "--live", "-c", "sidekick.yaml"], {
    cwd: folder,
  });
  assert.equal(code, 1, output);
  assert.match(output, /127\.0\.0\.1:1/);
});

test("check names a folder that its user cannot write to", async (t) => {
  const folder = await throwAwayFolder(t);
  await writeFile(join(folder, "t.hbs"), "");
  await writeFile(
    join(folder, "sidekick.yaml"),
    "watch: { templates: [{ source: t.hbs, target: t }] }\n",
  );
  const argv = [...main, "check", "-c", "sidekick.yaml"];
  // For root no mode is an obstacle, but a file system that is mounted read-only is one.
  const readOnly =
    'mount --bind "$PWD" "$PWD" && mount -o remount,ro,bind "$PWD" && cd "$PWD" && exec "$@"';
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) await chmod(folder, 0o555);
  const [program = "", ...args] = isRoot
    ? ["unshare", "--mount", "sh", "-c", readOnly, "sh", ...argv]
    : argv;
  const checked = await promisify(execFile)(program, args, { cwd: folder }).catch(
    (error: { code: number; stderr: string }) => error,
  );
  assert.deepEqual(
    ["code" in checked && checked.code, checked.stderr.replace(/\d+\n$/, "N\n")],
    [
      2,
      `sidekick: sidekick.yaml:1:47: the folder ${folder} of the target is not writable for the user N\n`,
    ],
  );
});
