import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { never } from "../../../lib/base/signal.ts";
import { openKeyspace } from "../../../lib/keyspace/kinds.ts";
import { readSnapshot } from "../../../lib/keyspace/read-snapshot.ts";
import { keyspaceSchema } from "../../../lib/keyspace/schema.ts";
import { parseValues } from "../../../lib/keyspace/yaml/parse-values.ts";
import type { Batch } from "../../../lib/model/entry.ts";
import { throwAwayFolder } from "../../support/process.ts";
import { problemsOf } from "../config/problems-of.ts";

const open = (url: string, env = {}) =>
  openKeyspace(keyspaceSchema.parse(url), { clock: systemClock, random: () => 0, env });

async function valuesAt(url: string, prefixes: readonly string[], env = {}) {
  const snapshot = await readSnapshot(await open(url, env), prefixes, never);
  return snapshot.chunks.flat().map(({ key, value }) => `${key}=${value}`);
}

test("environment variables are keys in lower case, with a slash for each underscore", async () => {
  const env = { DB_HOST: "a", DB__PORT: "1", db_host: "b", DBX: "c", _: "d", EMPTY: "" };
  assert.deepEqual(await valuesAt("env:", ["/db", "/empty"], env), [
    "/db/host=a",
    "/db/port=1",
    "/empty=",
  ]);
});

test("a YAML document is keys with texts", () => {
  const text = `
db: { host: a, ports: [1, 0x10, 1000000], "n/m": x, on: yes, none: null, ratio: 0.5, large: 1e21, small: 1e-7 }
when: 2001-01-01
"/services/": { web: [{ host: b }] }
`;
  assert.deepEqual(Object.fromEntries(parseValues(text, "k.yaml")), {
    "/db/host": "a",
    "/db/ports/0": "1",
    "/db/ports/1": "16",
    "/db/ports/2": "1000000",
    "/db/n/m": "x",
    "/db/true": "true",
    "/db/ratio": "0.5",
    "/db/large": "1000000000000000000000",
    "/db/small": "0.0000001",
    "/when": "2001-01-01",
    "/services/web/0/host": "b",
  });
  assert.throws(() => parseValues("a: [1", "k.yaml"), {
    code: "KEYSPACE_YAML_INVALID",
    message: /^k\.yaml, which .*: /,
  });
});

test("several files are one keyspace, of which the last counts, and a change is a delta", async (t) => {
  const folder = await throwAwayFolder(t);
  await mkdir(join(folder, "d"));
  await writeFile(join(folder, "a.yaml"), "a: 1\nb: 1\n");
  await writeFile(join(folder, "d/b.json"), '{ "b": 2, "c": { "d": 3 } }');
  const keyspace = await open(`yaml:${folder}/a.yaml,${folder}/d`);
  const batches = keyspace.watch(["/b", "/c"], t.signal)[Symbol.asyncIterator]();
  const next = async () => (await batches.next()).value as Batch;
  const reset = await next();
  assert.ok(reset.kind === "reset");
  assert.deepEqual(
    [...reset.entries.values()].map(({ key, value }) => `${key}=${value}`),
    ["/b=2", "/c/d=3"],
  );
  await writeFile(join(folder, "d/b.json"), '{ "b": 2, "c": { "e": 4 } }');
  const delta = await next();
  assert.ok(delta.kind === "delta");
  assert.deepEqual([[...delta.put.keys()], delta.gone], [["/c/e"], ["/c/d"]]);
  await rm(join(folder, "a.yaml"));
  await assert.rejects(next(), { code: "KEYSPACE_YAML_UNREADABLE" });
});

test("nothing can be registered in a keyspace of files or variables", async () => {
  await assert.rejects((await open("env:")).open(10_000, never), { code: "KEYSPACE_READ_ONLY" });
  const presence = "presence: { services: [{ name: web, host: a, port: 1 }] }";
  assert.deepEqual(problemsOf(`keyspace: yaml:./k.yaml\n${presence}`), [
    "sidekick.yaml:1:11: the keyspace yaml:./k.yaml is read only: instances cannot be registered there",
  ]);
  assert.throws(() => keyspaceSchema.parse("yaml://host"), /write files or folders/);
});
