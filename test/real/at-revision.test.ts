import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { sidekick } from "./sidekick.ts";

test("render, get and ls --at read etcd as it was, until it is compacted", async (t) => {
  const folder = await throwAwayFolder(t);
  const etcd = await startEtcd(t);
  const config = (keyspace: string) =>
    `keyspace: ${keyspace}\nwatch: { templates: [{ source: t.hbs, target: out, prefixes: [/app] }] }\n`;
  await writeFile(join(folder, "t.hbs"), '{{getv "/app/a" "none"}}\n');
  await writeFile(join(folder, "etcd.yaml"), config(etcd.url));
  await writeFile(join(folder, "keys.yaml"), "/app/a: one\n");
  await writeFile(join(folder, "yaml.yaml"), config("yaml:./keys.yaml"));
  const ask = (...args: readonly string[]) => sidekick(t, args, { cwd: folder });
  const revision = async () =>
    String(JSON.parse(await etcd.etcdctl("get", "/x", "-w", "json")).header.revision);
  await etcd.etcdctl("put", "/app/a", "one");
  const first = await revision();
  await etcd.etcdctl("put", "/app/a", "two");
  await etcd.etcdctl("del", "/app/a");
  const last = await revision();

  const render = ["render", "-c", "etcd.yaml"];
  assert.deepEqual(await ask(...render, "--at", first), { code: 0, output: "one\n" });
  const between = String(Number(first) + 1);
  assert.deepEqual(await ask(...render, "--at", between), { code: 0, output: "two\n" });
  assert.match((await ask(...render, "--at", last)).output, /none\n$/);
  const key = await ask("get", "-c", "etcd.yaml", "/app/a", "--at", first);
  assert.deepEqual(key, { code: 0, output: "one\n" });
  const keys = await ask("ls", "-c", "etcd.yaml", "--at", first);
  assert.deepEqual(keys, { code: 0, output: "/app/a\n" });

  await etcd.etcdctl("compact", last);
  const refused = async (args: readonly string[], words: RegExp) => {
    const { code, output } = await ask(...args);
    assert.match(output, words);
    assert.equal(output.trimEnd().split("\n").length, 1, output);
    assert.equal(code, 2);
  };
  await refused(
    [...render, "--at", first],
    /cannot be read at revision \d+: etcd has compacted it/,
  );
  await refused([...render, "--at", "999999"], /at revision 999999: etcd has not reached it yet/);
  await refused([...render, "--at", "yesterday"], /yesterday is not a revision/);
  const other = ["render", "-c", "yaml.yaml", "--at", "7"];
  await refused(other, /keys\.yaml keeps no earlier revisions, .* at 7: only etcd keeps them/);
  assert.equal(await revision(), last);
});
