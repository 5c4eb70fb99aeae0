import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { eventually, isWithin, throwAwayFolder } from "../support/process.ts";
import { startSidekick } from "./sidekick.ts";

/** One run of the command: its time, and the content of the files. */
interface Run {
  readonly atMs: number;
  readonly texts: string;
}

/** A watcher that renders two files for one program, with a reload command that records each run. */
async function running(t: TestContext, minInterval: string) {
  const folder = await throwAwayFolder(t);
  await mkdir(join(folder, "keys/app"), { recursive: true });
  const put = (key: string, value: string) => writeFile(join(folder, "keys/app", key), value);
  await put("a", "0");
  const proxy = `{ type: command, run: [sh, ./record.sh], minInterval: ${minInterval} }`;
  await writeFile(
    join(folder, "sidekick.yaml"),
    [
      "keyspace: file:./keys",
      "watch:",
      "  retry: { first: 50ms, atMost: 50ms }",
      "  templates:",
      `    - { source: one.hbs, target: one, prefixes: [/app], proxy: &proxy ${proxy} }`,
      "    - { source: two.hbs, target: two, prefixes: [/app], proxy: *proxy }",
    ].join("\n"),
  );
  await writeFile(
    join(folder, "record.sh"),
    'echo "$(date +%s%3N) $(cat one)$(cat two)" >> record\n',
  );
  for (const name of ["one", "two"]) {
    await writeFile(join(folder, `${name}.hbs`), `{{#each (getvs "/app/*")}}{{this}} {{/each}}`);
  }
  startSidekick(t, ["watch", "-c", "sidekick.yaml"], { cwd: folder });
  const runs = async (): Promise<readonly Run[]> => {
    const lines = (await readFile(join(folder, "record"), "utf8")).trim().split("\n");
    return lines.map((line) => {
      const [at = "", ...words] = line.split(" ");
      return { atMs: Number(at), texts: words.join(" ").trim() };
    });
  };
  await eventually("the command runs for the first files", async () => (await runs()).length > 0);
  return { put, runs };
}

test("two files of one program need one reload, a busy keyspace one per interval, and the last state is applied", async (t) => {
  const { put, runs } = await running(t, "2s");
  const startMs = Date.now();
  for (let i = 1; i <= 20; i += 1) {
    await put("a", String(i));
    await delay(300);
  }
  const all = await eventually("the last state is applied", async () => {
    const now = await runs();
    return now.at(-1)?.texts === "20 20" && now;
  });
  const gaps = all.slice(1).map(({ atMs }, i) => atMs - (all[i]?.atMs ?? 0));
  // The recorded time includes the start of the shell, which varies.
  for (const gap of gaps) assert.ok(gap > 1500, `${gaps}`);
  // One before the first change, one for each interval since then, and the last one.
  const most = 2 + Math.ceil((Date.now() - startMs) / 2000);
  assert.ok(all.length >= 3 && all.length <= most, `${all.length} reloads of 20 changes`);
  for (const { texts } of all) assert.match(texts, /^(\d+) \1$/, "both files in the same state");
});

test("a change is applied at once if the interval has passed", async (t) => {
  const { put, runs } = await running(t, "5s");
  await eventually("the interval has passed", async () => {
    const [last] = (await runs()).slice(-1);
    return last && Date.now() - last.atMs > 5000;
  });
  const putMs = Date.now();
  await put("a", "1");
  const last = await eventually("the change is applied", async () => {
    const now = await runs();
    return now.at(-1)?.texts === "1 1" && now.at(-1);
  });
  assert.ok(isWithin(last.atMs - putMs, 4000), `${last.atMs - putMs} ms`);
});
