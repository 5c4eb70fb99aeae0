/**
 * Records what Go's text/template answers to generated calls of functions, for answers.test.ts:
 *
 *     apt-get install -y golang-go golang-github-masterminds-sprig-dev
 *     node test/lib/render/go/functions/record.ts
 *
 * The tests need no Go. Recorded with Go 1.19 and sprig 3.2.3.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { goFunctions } from "../../../../../lib/render/go/functions/all.ts";
import { calls } from "./calls.ts";
import { env, keys } from "./data.ts";

const folder = new URL("./oracle/", import.meta.url);
/** Another seed gives other calls, to try them once. */
const seed = Number(process.argv[2] ?? 1);
const all = calls(goFunctions, seed);
const input = [{ keys, env }, ...all].map((one) => JSON.stringify(one)).join("\n");
const { stdout, stderr, status } = spawnSync("go", ["run", "."], {
  cwd: folder,
  env: { ...process.env, GO111MODULE: "off", GOPATH: "/usr/share/gocode" },
  input,
  encoding: "utf8",
  maxBuffer: 1e9,
});
if (status !== 0) throw new Error(stderr);

interface Answer {
  readonly result?: unknown;
  readonly text?: string;
  readonly error?: string;
  readonly invalid?: true;
}

const lines = stdout
  .trim()
  .split("\n")
  .map((line, at) => {
    const { result, text, error, invalid } = JSON.parse(line) as Answer;
    const call = all[at] ?? [];
    if (invalid) return [...call, { u: true }];
    if (error !== undefined) return [...call, { x: error }];
    return text === undefined ? [...call, result] : [...call, result, text];
  });
const text = `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`;
const answers = gzipSync(text, { level: 9 });
writeFileSync(new URL("./answers.jsonl.gz", import.meta.url), answers);
console.log(`${lines.length} calls, ${Math.round(answers.length / 1000)} kB`);
