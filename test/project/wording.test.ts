import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";
import { read } from "../support/sources.ts";

const code = await read("{agents,cli,lib}/**/*.ts", "bin/*.js");
const everything = await read("{agents,bench,bin,cli,docs,lib,test}/**/*.{ts,js}");

/** Where a helper is a word of the domain: what a template calls. */
const onHelpers = /^(test\/)?lib\/render\/|\/helpers-page\./;

/** What a file of node:process may be wanted for: neither reads what an agent is to be handed. */
const ofProcesses = /^import \{ (hrtime|kill) \} from "node:process";$/gm;
const readmes = await read("lib/*/README.md");

/** The folders below lib/ that are a stage: all but the ground that stages stand on. */
const stages = new Set(
  [...code.keys()]
    .filter((file) => file.startsWith("lib/"))
    .map((file) => file.split("/")[1] ?? "")
    .filter((folder) => !["base", "model", "clients"].includes(folder)),
);

/** What must not occur in the code, and what to do instead. */
const banned: readonly (readonly [RegExp, string])[] = [
  [/\bexport default\b/, "export by name"],
  [/\bEventEmitter\b/, "hand on state: a Cell, or an async function*"],
  [/\bsetInterval\(/, "sleep in a loop that listens to its signal"],
  [/\bAbortSignal\.any\(/, "use childScope() of base/signal.ts, which detaches"],
  [/\bexport \* from\b/, "import from the file that declares it"],
  [/\binterface I[A-Z]\w/, "leave the I out"],
  // Not in quotes or at the beginning of a line: there it is haproxy's own keyword.
  [/(?<!^|["`])\bbackends?\b(?!:)/im, "say keyspace, or pool"],
];

test("no file is longer than 300 lines", () => {
  for (const [file, text] of everything) {
    // a suite is a list of cases: it is as long as what it has to say
    if (file.startsWith("test/")) continue;
    assert.ok(text.split("\n").length <= 301, `${file} has grown: split it`);
  }
});

test("names say what is in a file, not that something is", () => {
  for (const file of everything.keys()) {
    const vague = onHelpers.test(file) ? /util|common|manager/i : /util|helper|common|manager/i;
    assert.doesNotMatch(file, vague, `${file} needs a name`);
    assert.notEqual(basename(file), "index.ts", `${file}: import from the file that declares it`);
  }
});

test("what has a better way is not used", () => {
  for (const [file, text] of code) {
    for (const [pattern, instead] of banned) {
      // A foreign program's settings keep its words.
      if (file.startsWith("lib/config/compat/") && pattern.source.includes("backend")) continue;
      assert.doesNotMatch(text, pattern, `${file}: ${instead}`);
    }
  }
});

/**
 * Turns of phrase that are not the trade's: a person's pronoun for a thing, a clause as a subject, and verbs of speech for
 * programs. The words of the last group have a field's term each: in sync, healthy, no longer.
 */
const tics: readonly RegExp[] = [
  /\b(who|whoever|whom|nobody|somebody|anybody|everybody|those (who|that is|that are))\b/i,
  /(^|[.;:] +|\*\* +|"|`)what (is|was|has|were)\b/i,
  /\b(said|told|says|tells)\b/i,
  /\b(is so|no more\b(?! than)|in force|fares|is well|not well|on its heels)\b/i,
];

test("the language is the field's", async () => {
  const written = await read(
    ...["{agents,bench,cli,docs,lib,test}/**/*.ts", "bin/*.js", "templates/**/*.hbs"],
    ...["README.md", "CHANGELOG.md", ".github/*.md", "{deploy,docs,examples,lib}/**/*.md"],
    ...["{deploy,examples}/**/*.{yaml,service,hbs}", "examples/*.mjs", "Dockerfile"],
  );
  const found = [...written]
    .filter(([file]) => file !== "test/project/wording.test.ts")
    .flatMap(([file, text]) =>
      text
        .split("\n")
        .flatMap((line, i) =>
          tics.some((tic) => tic.test(line)) ? [`${file}:${i + 1}: ${line.trim()}`] : [],
        ),
    );
  assert.deepEqual(found, []);
});

test("a type name is declared once in a stage", () => {
  const declared = new Map<string, string>();
  for (const [file, text] of code) {
    const [top, stage] = file.split("/");
    if (top !== "lib") continue;
    for (const [, name] of text.matchAll(
      /^(?:export )?(?:abstract )?(?:interface|type|class) (\w+)/gm,
    )) {
      const place = `${stage}/${name}`;
      assert.ok(!declared.has(place), `${name} is declared in ${declared.get(place)} and ${file}`);
      declared.set(place, file);
    }
  }
});

test("only agents/ look at the process: lib/ is handed what it needs", () => {
  for (const [file, text] of code) {
    if (!file.startsWith("lib/")) continue;
    const looked = text.replaceAll(ofProcesses, "");
    assert.doesNotMatch(looked, /\bprocess\.(?!kill\b)[a-z]|"node:process"/, file);
    assert.doesNotMatch(text, /\bconsole\./, file);
  }
});

test("every stage has its faults, and codes begin with what they are about", () => {
  for (const [file, text] of code) {
    if (!file.endsWith("faults.ts")) continue;
    const [room = "", stage, client] = file.toUpperCase().split("/");
    const above: Readonly<Record<string, string>> = { AGENTS: "AGENT_", CLI: "CLI_" };
    const own = above[room] ?? `(${stage === "CLIENTS" ? client : stage}|INSTALL)_`;
    for (const [, name] of text.matchAll(/^ {2}([A-Z_]+): \{/gm)) {
      assert.match(name ?? "", new RegExp(`^${own}`), file);
    }
  }
});

const headings = [
  "What it takes and gives",
  "The contract",
  "Kinds",
  "Faults and metrics",
  "Adding one",
];

for (const stage of stages) {
  test(`lib/${stage}/README.md has the five headings, and nothing beside them`, () => {
    const text = readmes.get(`lib/${stage}/README.md`);
    assert.ok(text !== undefined, "write it");
    const found = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    assert.deepEqual(found, headings);
  });

  test(`lib/${stage} has a contract, or is the configuration`, () => {
    const has = (name: string) => code.has(`lib/${stage}/${name}`);
    assert.ok(has("contract.ts") || stage === "config");
    if (["destination", "discover", "health", "keyspace", "proxy"].includes(stage))
      assert.ok(has("kinds.ts"));
  });
}
