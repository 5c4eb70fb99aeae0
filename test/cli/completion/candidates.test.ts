import assert from "node:assert/strict";
import { test } from "node:test";
import { type Candidates, candidatesFor } from "../../../cli/completion/candidates.ts";
import { createProgram } from "../../../cli/program.ts";
import { never } from "../../../lib/base/signal.ts";
import { testWorld } from "../test-world.ts";

const { commands } = createProgram(testWorld("/nonexistent").world, never);

const after = (line: string): Candidates => candidatesFor(commands, line.split(" "));

const wordsAfter = (line: string) => {
  const found = after(line);
  return found.kind === "words" ? found.words.map(({ word }) => word) : found;
};

test("the first word is a command, with what it does", () => {
  const found = after("");
  assert.ok(found.kind === "words");
  const names = found.words.map(({ word }) => word);
  assert.ok(names.includes("drain") && names.includes("confd"));
  assert.ok(!names.includes("demo-app"), "hidden commands are not offered");
  for (const { description } of found.words) assert.notEqual(description, "");
});

test("a dash begins an option of the command, and before it one of the program", () => {
  assert.deepEqual(wordsAfter("-"), ["--version"]);
  const options = wordsAfter("status --");
  assert.ok(Array.isArray(options) && options.includes("--healthy"));
  assert.ok(!options.includes("--wait"), "options of other commands are not");
});

test("values of options: the choices, files, and the sockets of agents", () => {
  assert.deepEqual(wordsAfter("demo --proxy "), ["haproxy", "nginx", "none"]);
  assert.deepEqual(after("check -c "), { kind: "files" });
  assert.deepEqual(after("status --socket "), live("sockets"));
  assert.deepEqual(wordsAfter("drain --for "), [], "a duration cannot be foreseen");
});

const live = (value: string, files: readonly string[] = [], socket?: string) => ({
  kind: "live",
  value,
  agent: { files, socket },
});

test("arguments: instances, files and generations of the agent that the options name", () => {
  assert.deepEqual(after("drain "), live("instances"));
  assert.deepEqual(after("drain web/one "), live("instances"), "of several instances, too");
  assert.deepEqual(after("drain --for 5s -c a.yaml "), live("instances", ["a.yaml"]));
  assert.deepEqual(after("weight --socket /s web"), live("instances", [], "/s"));
  assert.deepEqual(wordsAfter("weight web/one "), []);
  assert.deepEqual(after("history ha"), live("targets"));
  assert.deepEqual(after("diff 3 "), live("generations"));
  assert.deepEqual(wordsAfter("completion "), ["bash", "zsh", "fish"]);
  assert.deepEqual(after("confd -"), { kind: "words", words: [] });
});

test("after -- the words are those of another program", () => {
  assert.deepEqual(after("wait -- /bin/"), { kind: "files" });
  assert.deepEqual(wordsAfter("no-such-command "), []);
});
