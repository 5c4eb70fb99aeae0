import assert from "node:assert/strict";
import {
  copyFile,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Draft } from "../../../lib/journal/contract.ts";
import { Journal } from "../../../lib/journal/journal.ts";
import { usualLimits } from "../../../lib/journal/limits.ts";
import { readerOf } from "../../../lib/journal/read-journal.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { draft, numbers } from "./drafts.ts";

const day = 24 * 3_600_000;
const everything = { limit: 100_000 };

async function openJournal(t: TestContext, folder?: string, limits = usualLimits) {
  const clock = new ManualClock();
  const log = new RecordingLog();
  const path = folder ?? join(await throwAwayFolder(t), "a.journal");
  const date = () => new Date(1_800_000_000_000 + clock.now());
  const journal = await Journal.open(path, { clock, date, limits });
  /** Appends, and writes. */
  const write = async (...drafts: readonly Draft[]) => {
    for (const one of drafts) journal.append(one);
    const stopping = new AbortController();
    stopping.abort();
    await journal.keep({ clock, random: () => 0, log }, stopping.signal).catch(() => {});
  };
  const texts = () => readdir(join(path, "texts")).then((names) => names.length);
  return { clock, log, path, date, journal, write, texts };
}

test("generations are numbered, and numbers go on after a restart", async (t) => {
  const { path, write } = await openJournal(t);
  await write(draft("1"), draft("2"));
  const { journal, write: writeMore } = await openJournal(t, path);
  await writeMore(draft("3"));
  const { generations } = await journal.history(everything);
  assert.deepEqual(numbers(generations), [1, 2, 3]);
});

test("what repeats the generation before is a fact, and no generation", async (t) => {
  const { journal } = await openJournal(t);
  const refused = { code: "PROXY_REJECTED", message: "no", keys: [] };
  const facts = [
    draft("1"),
    draft("1", { how: "same" }),
    draft("2", { how: "refused", refused }),
    draft("2", { how: "refused", refused }),
    draft("2", { how: "refused", refused: { ...refused, message: "never" } }),
    draft("1", { how: "same" }),
    draft("1", { how: "same" }),
    draft("3", { how: "deferred" }),
    draft("3", { how: "deferred" }),
    draft("3"),
    draft("4"),
  ].map((one) => journal.append(one));
  assert.deepEqual(
    facts.map(({ seq, isRepeated, generation: { n } }) => `${seq}: ${n}${isRepeated ? "=" : ""}`),
    ["1: 1", "2: 1=", "3: 2", "4: 2=", "5: 3", "6: 4", "7: 4=", "8: 5", "9: 5=", "10: 6", "11: 7"],
  );
});

test("groups do not repeat each other", async (t) => {
  const { journal } = await openJournal(t);
  const facts = ["a", "b", "a", "b"].map((group) =>
    journal.append(draft("1", { group, how: "deferred" })),
  );
  assert.deepEqual(
    facts.map(({ generation, isRepeated }) => [generation.n, isRepeated]),
    [
      [1, false],
      [2, false],
      [1, true],
      [2, true],
    ],
  );
});

test("a reader gets each fact once, and learns how many it has missed", async (t) => {
  const { journal } = await openJournal(t);
  const { facts } = journal;
  journal.append(draft("1"));
  assert.deepEqual(
    facts.since(0).facts.map(({ seq }) => seq),
    [1],
  );
  assert.deepEqual(facts.since(1), { facts: [], missed: 0 });
  for (let i = 0; i < 300; i += 1) journal.append(draft(String(i)));
  const { facts: kept, missed } = facts.since(1);
  assert.equal(kept.at(-1)?.seq, facts.latest.value);
  assert.equal(kept.length + missed, 300);
  assert.equal(kept[0]?.seq, 302 - kept.length);
});

test("files and folders of the journal are only for their owner", async (t) => {
  const { path, write } = await openJournal(t);
  await write(draft("1"));
  const modes = await Promise.all(
    [".", "generations", "texts", join("texts", (await readdir(join(path, "texts")))[0] ?? "")].map(
      async (name) => ((await stat(join(path, name))).mode & 0o777).toString(8),
    ),
  );
  assert.deepEqual(modes, ["700", "600", "700", "600"]);
});

test("a journal that was removed, moved or replaced while it is open goes on at its path", async (t) => {
  const { path, journal, log, clock } = await openJournal(t);
  const ending = new AbortController();
  const keeping = journal.keep({ clock, random: () => 0, log }, ending.signal).catch(() => {});
  const file = join(path, "generations");
  const appended = async (text: string) => {
    const { generation } = journal.append(draft(text));
    return await eventually(`generation ${generation.n} is in the file`, async () => {
      const { generations } = await journal.history(everything);
      const all = numbers(generations);
      return all.includes(generation.n) && all;
    });
  };
  assert.deepEqual(await appended("1"), [1]);
  await rm(file);
  assert.deepEqual(await appended("2"), [2]);
  await rename(path, `${path}.away`);
  assert.deepEqual(await appended("3"), [3]);
  await copyFile(file, `${file}.copy`);
  await rename(`${file}.copy`, file);
  assert.deepEqual(await appended("4"), [3, 4]);
  assert.deepEqual(log.events, []);
  ending.abort();
  await keeping;
  const descriptors = await readdir("/proc/self/fd");
  const open = descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ""));
  assert.deepEqual(
    (await Promise.all(open)).filter((one) => one.startsWith(path)),
    [],
  );
});

test("a journal is readable after truncation at every byte, and goes on", async (t) => {
  const { path, write } = await openJournal(t);
  // Without texts, which are flushed to the disk.
  const bare = draft("", { texts: new Map() });
  await write(draft("1"), { ...bare, how: "adjusted" });
  const file = join(path, "generations");
  const whole = await readFile(file);
  const ends = [...whole.entries()].flatMap(([i, byte]) => (byte === 0x0a ? [i] : []));
  for (let size = 0; size <= whole.length; size += 1) {
    await writeFile(file, whole);
    await truncate(file, size);
    const { journal, write: writeMore } = await openJournal(t, path);
    // The line is complete without the end of the line, too.
    const complete = ends.filter((end) => end <= size).length;
    assert.equal((await journal.history(everything)).generations.length, complete, `${size} bytes`);
    await writeMore(bare);
    const { generations } = await journal.history(everything);
    assert.deepEqual(
      numbers(generations),
      Array.from({ length: complete + 1 }, (_, i) => i + 1),
      `${size} bytes, and a line more`,
    );
  }
});

test("texts are kept for reloads and refusals, with the ones before, and five in a row of others, then one a minute", async (t) => {
  const { clock, journal, write, texts } = await openJournal(t);
  const adjusted = (text: string) => draft(text, { how: "adjusted" });
  await write(adjusted("1"));
  for (let i = 0; i < 59; i += 1) {
    await clock.advance(1000);
    await write(adjusted(`${i}s`));
  }
  assert.equal(await texts(), 5);
  await clock.advance(1000);
  await write(adjusted("60s"));
  assert.equal(await texts(), 6);
  await write(adjusted("61s"));
  await write(draft("62s", { textsBefore: new Map([["/etc/a.cfg", "61s"]]) }));
  assert.equal(await texts(), 8);
  const { generation, before, texts: kept } = await journal.texts(63);
  assert.deepEqual([generation.n, before, kept], [63, 62, { "/etc/a.cfg": "62s" }]);
  assert.deepEqual((await journal.texts(62)).texts, { "/etc/a.cfg": "61s" });
  assert.deepEqual((await journal.texts(5)).texts, { "/etc/a.cfg": "3s" });
  assert.deepEqual((await journal.texts(6)).texts, { "/etc/a.cfg": null });
});

test("a reload each second does not write a text each second", async (t) => {
  const { clock, journal, write } = await openJournal(t);
  for (let i = 1; i <= 200; i += 1) {
    await write(draft(`${i}s`));
    await clock.advance(1000);
  }
  const kept: number[] = [];
  for (let n = 1; n <= 200; n += 1) {
    if ((await journal.texts(n)).texts["/etc/a.cfg"] !== null) kept.push(n);
  }
  assert.ok(kept.length <= 20, `${kept}`);
  assert.ok((kept.at(-1) ?? 0) >= 190, `${kept}`);
});

test("texts of refusals are kept, and the one before is the last that was served", async (t) => {
  const { journal, write } = await openJournal(t);
  const refused = { code: "PROXY_REJECTED", message: "no", keys: ["/services/web/a"] };
  await write(draft("1"), draft("2", { how: "refused", refused }), draft("3"));
  const { before, texts } = await journal.texts(3);
  assert.deepEqual([before, texts], [1, { "/etc/a.cfg": "3" }]);
  assert.deepEqual((await journal.texts(2)).texts, { "/etc/a.cfg": "2" });
});

test("bounds hold after many generations, of large texts", async (t) => {
  const limits = { ...usualLimits, lines: 50, textBytes: 40 * 1024 };
  const { clock, path, journal, write } = await openJournal(t, undefined, limits);
  for (let i = 0; i < 30; i += 1) {
    const some = Array.from({ length: 10 }, (_, j) => draft(`${i}.${j}`, { how: "adjusted" }));
    await write(...some, draft(`${i} `.padEnd(3000, "x")));
    await clock.advance(61_000);
  }
  const names = await readdir(path, { recursive: true });
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(path, name))).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(total <= 100 * 1024, `${total} bytes`);
  const texts = await Promise.all(
    (await readdir(join(path, "texts"))).map((name) => stat(join(path, "texts", name))),
  );
  const textBytes = texts.reduce((sum, { size }) => sum + size, 0);
  assert.ok(textBytes <= limits.textBytes && textBytes > limits.textBytes / 2, `${textBytes}`);
  const { generations } = await journal.history(everything);
  assert.ok(generations.length <= 100 && generations.length >= 50, `${generations.length}`);
  assert.equal(generations.at(-1)?.n, 30 * 11);
  assert.ok(names.length <= 3 + 40, `${names.length} files`);
});

test("generations are not shown after seven days, and their texts are removed", async (t) => {
  const { clock, path, date, write, texts } = await openJournal(t);
  await write(draft("1"));
  await clock.advance(7 * day + 1);
  const reader = readerOf(path, () => date().getTime());
  assert.deepEqual((await reader.history(everything)).generations, []);
  await write(draft("2"));
  assert.deepEqual(numbers((await reader.history(everything)).generations), [2]);
  assert.equal(await texts(), 1);
});

test("texts that an earlier process has kept are removed when there are too many", async (t) => {
  const { path, write } = await openJournal(t);
  for (let i = 0; i < 10; i += 1) await write(draft(`a${i}`));
  const { write: writeMore, texts } = await openJournal(t, path);
  for (let i = 0; i < 10; i += 1) await writeMore(draft(`b${i}`));
  assert.equal(await texts(), 20);
  const { write: writeLast, texts: last } = await openJournal(t, path);
  await writeLast(draft("c"));
  assert.equal(await last(), 20);
});

test("a disk that cannot be written is logged, and what waits is written later", async (t) => {
  const { clock, path, log, journal } = await openJournal(t);
  await writeFile(path, "not a folder");
  const stopping = new AbortController();
  const keeping = journal.keep({ clock, random: () => 0, log }, stopping.signal).catch(() => {});
  journal.append(draft("1"));
  await eventually("it is logged", () => log.events.includes("fault") || undefined);
  await rm(path);
  await clock.advance(60_000);
  await eventually("it is written", () => log.events.includes("recovered") || undefined);
  stopping.abort();
  await keeping;
  assert.deepEqual(numbers((await journal.history(everything)).generations), [1]);
});

test("without a folder, the latest generations are in memory, and no texts", async () => {
  const journal = await Journal.open(false, { clock: new ManualClock() });
  journal.append(draft("1"));
  assert.deepEqual(numbers((await journal.history(everything)).generations), [1]);
  assert.deepEqual((await journal.texts(1)).texts, { "/etc/a.cfg": null });
  await assert.rejects(journal.texts(2), { code: "JOURNAL_NO_GENERATION" });
});

test("history selects a file by its path or the end of it, and the latest", async (t) => {
  const { journal, write } = await openJournal(t);
  const other = { group: "b.cfg", texts: new Map([["/etc/b.cfg", "1"]]) };
  await write(draft("1"), draft("", other), draft("2"));
  const select = async (target: string, limit = 10) =>
    numbers((await journal.history({ target, limit })).generations);
  assert.deepEqual(await select("a.cfg"), [1, 3]);
  assert.deepEqual(await select("/etc/b.cfg"), [2]);
  assert.deepEqual(await select("a.cfg", 1), [3]);
  assert.deepEqual([await select("etc/b.cfg"), await select("tc/b.cfg")], [[2], []]);
  assert.deepEqual(await select("c.cfg"), []);
});
