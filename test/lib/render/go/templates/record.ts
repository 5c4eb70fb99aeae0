/**
 * Records Go's answers to the generated templates: `node test/lib/render/go/templates/record.ts [count]`. Needs Go 1.19 or later, in
 * Debian `apt-get install golang-go`. The tests read what it writes and need no Go.
 */
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { datasets } from "./datasets.ts";
import { type Case, generated } from "./grammar.ts";

const count = Number(process.argv[2] ?? 3000);
const file = process.argv[3] ?? join(import.meta.dirname, "answers.jsonl.gz");
const from = Number(process.argv[4] ?? 0);

const cases: Case[] = Array.from({ length: count }, (_, seed) => generated(from + seed));
const input = [datasets, ...cases].map((one) => JSON.stringify(one)).join("\n");
const { stdout, stderr, status, error } = spawnSync("go", ["run", "oracle.go"], {
  cwd: import.meta.dirname,
  env: { ...process.env, GO111MODULE: "off", GOPATH: import.meta.dirname },
  input: `${input}\n`,
  encoding: "utf8",
  maxBuffer: 2 ** 30,
});
if (error) throw error;
if (status !== 0) throw new Error(stderr);

const answers = stdout
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));
const lines = cases.map((one, i) => {
  const { text, parse, exec } = answers[i];
  const failed = parse !== undefined ? "parse" : "exec";
  const message: string = (parse ?? exec ?? "").replace(/^template: t.tmpl:[\d:]* /, "");
  const answer = text === undefined ? { [failed]: message.slice(0, 80) } : { text };
  return JSON.stringify([one.data, one.template, answer]);
});
await writeFile(file, gzipSync(`${lines.join("\n")}\n`, { level: 9 }));
const of = (kind: string) => answers.filter((one) => one[kind] !== undefined).length;
console.log(
  `${count} templates: ${of("text")} texts, ${of("parse")} not parsed, ${of("exec")} failed`,
);
