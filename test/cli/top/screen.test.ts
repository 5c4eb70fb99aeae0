import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { drawing, frameOf } from "../../../cli/top/screen.ts";
import { afterKey, type Choice, type Heard, initialChoice } from "../../../cli/top/state.ts";
import { styleOf } from "../../../cli/top/style.ts";
import { cut, widthOf, wrapped } from "../../../cli/top/width.ts";
import { formatOverview } from "../../../lib/overview/format.ts";
import { fileTones, instanceTones, verdictTones } from "../../../lib/overview/tones.ts";
import { overviewOf, poolsOf } from "../../lib/overview/scene.ts";
import { outOfReach } from "../../lib/status/facts.ts";

const size = { columns: 60, rows: 24 };

function heardOf(overview = overviewOf({ pools: many(3) }), more: Partial<Heard> = {}): Heard {
  return { last: { overview, text: formatOverview(overview) }, atMs: 0, problem: "", ...more };
}

/** The services of so many instances, each of which is draining, so that each has a line. */
function many(count: number) {
  const value = (i: number) => `{"host":"10.0.0.${i}","port":80,"weight":0}`;
  return poolsOf(
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`web/i${i}`, value(i)])),
  );
}

/** What a terminal shows, without its colours. */
function shown(heard: Heard, choice: Partial<Choice> = {}, nowMs = 0, look = size) {
  const { rows } = frameOf(
    heard,
    { ...initialChoice, ...choice },
    { size: look, nowMs, isPlain: false },
  );
  return rows.map(stripVTControlCharacters);
}

test("a screen has as many rows as the terminal, none of them wider, whatever its size", () => {
  const heard = heardOf(overviewOf({ report: outOfReach(), pools: many(30) }));
  for (const columns of [1, 2, 7, 40, 80, 200]) {
    for (const rows of [1, 2, 3, 24, 100]) {
      const all = shown(heard, {}, 0, { columns, rows });
      assert.equal(all.length, rows);
      for (const row of all) assert.ok(widthOf(row) <= columns, `${columns}: ${row}`);
    }
  }
});

test("the first rows are the sentence, and a state has its colour beside its word", () => {
  const heard = heardOf();
  const { rows } = frameOf(heard, initialChoice, { size, nowMs: 0, isPlain: false });
  assert.match(rows[1] ?? "", /^\x1b\[32mIN SYNC: all files match the keyspace/);
  assert.ok(rows.some((row) => /^\x1b\[36m +draining /.test(row)));
  assert.match(rows[0] ?? "", / etcd:\S+/);
  assert.ok(!rows.slice(1).some((row) => row.startsWith("sidekick ")), "the bar stands once");
  const plain = frameOf(heard, initialChoice, { size, nowMs: 0, isPlain: true }).rows;
  assert.doesNotMatch(plain.join(""), /\x1b\[(?!0m|1m|2m|7m)/);
  assert.deepEqual(plain.map(stripVTControlCharacters), rows.map(stripVTControlCharacters));
});

test("an answer that is old is dim and marked as stale, with its age and the reason", () => {
  const heard = heardOf();
  assert.match(shown(heard, {}, 2000)[0] ?? "", /^sidekick top {2}a1, process \d+ /);
  assert.match(shown(heard, {}, 12_400)[0] ?? "", /^STALE: last heard 12s ago, /);
  const problem = "no sidekick answers at /run/sidekick/sidekick-123456.sock: connect ECONNREFUSED";
  const failed = heardOf(undefined, { problem });
  const rows = shown(failed, {}, 1000);
  assert.match(rows[0] ?? "", /^STALE: last heard 1s ago, \S+Z *$/);
  assert.equal(
    rows
      .slice(1, 3)
      .map((row) => row.trim())
      .join(" "),
    problem,
  );
  const dim = frameOf(failed, initialChoice, { size, nowMs: 1000, isPlain: false }).rows;
  for (const row of dim.slice(3, -1)) assert.match(row, /^(?:\x1b\[2m[^\x1b]*\x1b\[0m)?$/);
});

test("keys scroll within the text, filter it and leave", () => {
  const heard = heardOf(overviewOf({ pools: many(100) }));
  let choice = initialChoice;
  const press = (...keys: Parameters<typeof afterKey>[1][]) => {
    for (const key of keys) {
      const frame = frameOf(heard, choice, { size, nowMs: 0, isPlain: false });
      choice = afterKey(choice, key, frame);
    }
    return shown(heard, choice);
  };
  const first = press();
  assert.deepEqual(press("up"), first);
  assert.equal(press("down")[1], first[2]);
  assert.equal(press("page down", "page up")[1], first[2]);
  const last = press("end");
  assert.deepEqual(press("page down", { text: " " }), last);
  assert.match(last.at(-1) ?? "", /(\d+)-(\d+) of \2/);
  assert.deepEqual(press("home"), first);
  const typed = [..."I77"].map((text) => ({ text }));
  const filtered = press({ text: "/" }, ...typed, "backspace", { text: "8" }, "enter");
  assert.equal(filtered.filter((row) => row.includes("draining")).length, 1);
  assert.ok(filtered.some((row) => row.includes("web/i78")));
  assert.equal(filtered[1], first[1]);
  assert.deepEqual(press("escape"), first);
  press({ text: "/" }, { text: "q" });
  assert.equal(choice.isLeaving, false);
  press("escape", { text: "q" });
  assert.equal(choice.isLeaving, true);
  assert.equal(
    afterKey({ ...initialChoice, isTyping: true }, "interrupt", { page: 1, most: 0 }).isLeaving,
    true,
  );
});

test("a text that has become shorter is still shown", () => {
  const rows = shown(heardOf(), { top: 1000 });
  assert.ok(rows.some((row) => row.includes("web/i2")));
});

test("names and values are text, and steer no terminal", () => {
  const evil = "\x1b]0;title\x07\x1b[2J\u202e\u009b31m";
  const pools = poolsOf({ "web/a": `${evil}nonsense`, [`web/${evil}`]: "10.0.0.1:80" });
  const overview = overviewOf({ pools, hostName: evil });
  const heard = heardOf(overview, { problem: evil });
  for (const nowMs of [0, 10_000]) {
    const frame = frameOf(
      heard,
      { ...initialChoice, filter: evil },
      { size, nowMs, isPlain: false },
    );
    const text = drawing(undefined, frame.rows);
    assert.match(text, /\\x1b\]0;title/);
    const own = text.replaceAll(/\x1b\[(?:\d+;1H|K|2J|[\d;]*m)/g, "");
    assert.doesNotMatch(own, /[\p{Cc}\p{Cf}]/u);
  }
});

test("only rows that have changed are drawn", () => {
  assert.equal(drawing(["a", "b"], ["a", "b"]), "");
  assert.equal(drawing(["a", "b"], ["a", "c"]), "\x1b[2;1Hc\x1b[K");
  assert.equal(drawing(undefined, ["a"]), "\x1b[2J\x1b[1;1Ha\x1b[K");
});

test("a long line is broken between words, and none of it is lost", () => {
  const line = `  unhealthy      web/10.0.0.1:80: ${"connection refused by the application ".repeat(4)}`;
  const rows = wrapped(line, 40);
  assert.ok(rows.length > 3);
  const words = (text: string) => text.split(/\s+/).filter(Boolean);
  assert.deepEqual(rows.flatMap(words), words(line));
  for (const row of rows.slice(1)) assert.match(row, /^ {6}\S/);
  assert.deepEqual(wrapped("日本語日", 5), ["日本", "語日"]);
  const unbroken = wrapped("x".repeat(1000), 10).map((row) => row.trim());
  assert.equal(unbroken.join(""), "x".repeat(1000));
  assert.equal(wrapped(`e${"\u0301".repeat(500)}`, 10).join("").length, 4);
  assert.equal(cut("abcdef", 4), "abc…");
  assert.equal(cut("abcd", 4), "abcd");
  assert.equal(cut("日本語", 4), "日…");
});

test("all states of the table have their tone, whichever line they begin", () => {
  const tones = { ...instanceTones, ...fileTones };
  for (const [state, tone] of Object.entries(tones)) assert.equal(styleOf(`  ${state} x`), tone);
  for (const [state, tone] of Object.entries(verdictTones))
    assert.equal(styleOf(`${state.toUpperCase()}: x`), tone);
  // A line has the word only: instances and files that share one have one tone.
  const shared = Object.keys(fileTones).filter((state) => Object.hasOwn(instanceTones, state));
  for (const state of shared as "unknown"[])
    assert.equal(fileTones[state], instanceTones[state], state);
  assert.deepEqual([styleOf("files"), styleOf("  web: 3 serving")], ["bold", "plain"]);
});
