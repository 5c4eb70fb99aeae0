import assert from "node:assert/strict";
import { test } from "node:test";
import { type LogCall, logCalls } from "../support/log-calls.ts";
import { read } from "../support/sources.ts";

const code = await read("{agents,cli,lib}/**/*.ts");
const page = (await read("docs/log-events.md")).get("docs/log-events.md") ?? "";
const calls = [...code].flatMap(([file, text]) =>
  file === "lib/base/log.ts" ? ownLines(text) : logCalls(text),
);

/** The lines that the log writes about itself: `{ level: "…", event: "…", …, details: { … } }`. */
function ownLines(source: string): readonly LogCall[] {
  const lines = source.matchAll(/level: "(\w+)", event: "(\w+)",.*details: \{ ([\w, ]+) \}/g);
  return [...lines].map(([, level = "", event = "", fields = ""]) => {
    return { level, event, fields: fields.split(", ") };
  });
}

/** The tables of the page, by their first header. */
function rows(header: string): readonly (readonly string[])[] {
  const tables = page.split("\n\n").filter((block) => block.startsWith(`| ${header} `));
  return tables.flatMap((table) =>
    table
      .trimEnd()
      .split("\n")
      .slice(2)
      .map((row) => row.slice(1, -1).split("|")),
  );
}

const names = (cell = "") => [...cell.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name);
const unique = (all: readonly string[]) => [...new Set(all)].sort();

test("each event that the code logs is in docs/log-events.md, with its levels and fields, and no other", () => {
  const events = unique(calls.map(({ event }) => event)).map((event) => {
    const same = calls.filter((call) => call.event === event);
    const fields = unique(same.flatMap((call) => call.fields));
    return { event, levels: unique(same.map(({ level }) => level)), fields };
  });
  const documented = rows("event").map(([event, levels = "", fields]) => ({
    event: names(event).join(),
    levels: unique(levels.match(/debug|info|warn|error/g) ?? []),
    fields: unique(names(fields)),
  }));
  const byName = (a: { event: string }, b: { event: string }) => (a.event < b.event ? -1 : 1);
  assert.deepEqual(documented.toSorted(byName), events);
});

test("each field of an event is explained once", () => {
  const explained = rows("field").flatMap(([field]) => names(field));
  assert.deepEqual(explained.toSorted(), unique(calls.flatMap(({ fields }) => fields)));
});

test("every log line is written by a method of `log`", () => {
  for (const [file, text] of code) {
    assert.doesNotMatch(text, /(?<!\blog)\.(debug|info|warn)\(/, file);
  }
});

test("calls are read whatever their layout", () => {
  assert.deepEqual(
    logCalls(`this.#log.warn(
      "one", \`a, \${b ? \`\${c}, d\` : "}"}\`,
      { key, revision: of(a, [b]), why: "x, y" },
    ); log.info("two", sentence);`),
    [
      { level: "warn", event: "one", fields: ["key", "revision", "why"] },
      { level: "info", event: "two", fields: [] },
    ],
  );
});

for (const call of [
  "const write = log.info;",
  'log.info(event, "sentence");',
  'log.info("one", "sentence", details);',
  'log.info("one", "sentence", { ...details });',
]) {
  test(`a call that cannot be compared with the page is an error: ${call}`, () => {
    assert.throws(() => logCalls(`${call}\n`));
  });
}
