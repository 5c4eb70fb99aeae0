import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { simulate } from "../../cli/commands/simulate.ts";
import type { SimulationReport } from "../../cli/format-simulation.ts";
import { program } from "../../cli/program.ts";
import { never } from "../../lib/base/signal.ts";
import { throwAwayFolder } from "../support/process.ts";
import { testWorld } from "./test-world.ts";

const template = `{{#each services}}{{name}}:{{#each instances}} {{address}}{{/each}}
{{/each}}limit {{getv "/app/limit"}}
token {{getv "/app/token" "none"}}
`;

/** A keyspace in a folder, with a file whose check command refuses the word `bad`. */
async function scene(t: TestContext) {
  const folder = await throwAwayFolder(t);
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  for (const i of [1, 2, 3, 4]) await write(`keys/services/web/10.0.0.${i}:80`, `10.0.0.${i}:80`);
  await write("keys/services/web/old", "no address");
  await write("keys/app/limit", "10");
  await write("t.hbs", template);
  const config = join(folder, "sidekick.yaml");
  const check = `'! grep -H bad "$0"', "{candidate}"`;
  await write(
    "sidekick.yaml",
    `
keyspace: file:./keys
watch:
  templates:
    - source: t.hbs
      target: out
      prefixes: [/services, /app]
      check: [sh, -c, ${check}]
      proxy: { type: command, run: ["false"] }
`,
  );
  const run = async (without: readonly string[], values: Readonly<Record<string, string>> = {}) => {
    const { world, out } = testWorld(folder);
    const asked = { without, with: new Map(Object.entries(values)) };
    const code = await simulate({ files: [config], asked, json: true }, world, never);
    return { code, report: JSON.parse(out()) as SimulationReport };
  };
  const text = async (...args: readonly string[]) => {
    const { world, out, err } = testWorld(folder);
    const code = await program(["simulate", "-c", config, ...args], world, never);
    return { code, out: out(), err: err() };
  };
  return { folder, write, run, text };
}

test("simulate prints differences, what the proxy does and what the check command finds; nothing is written", async (t) => {
  const { folder, text, run } = await scene(t);
  const { code, out } = await text("--without", "web/10.0.0.2:80", "--with", "/app/limit=20");
  assert.equal(code, 0);
  assert.match(out, /^this would be accepted; nothing was changed\nfrom {8}revision /);
  assert.match(
    out,
    /without {5}\/services\/web\/10\.0\.0\.2:80\nwith {8}\/app\/limit \(another value\)\n/,
  );
  assert.match(
    out,
    /file {8}\S+\/out changes\nproxy {7}the command false: its command runs\ncheck {7}accepted\n/,
  );
  assert.match(out, /^-limit 10\n\+web: 10.*\n\+limit 20$/m);
  assert.match(out, /quarantined 1 more, as before/);
  const same = await run([], { "/app/limit": "10" });
  assert.equal(same.code, 0);
  const [group] = same.report.groups;
  assert.deepEqual(group?.proxy?.change, { how: "unchanged" });
  assert.deepEqual(
    group?.files.map(({ diff }) => diff),
    [""],
  );
  assert.deepEqual((await readdir(folder)).sort(), ["keys", "sidekick.yaml", "t.hbs"]);
  assert.equal(await readFile(join(folder, "keys/app/limit"), "utf8"), "10");
});

test("simulate exits with 3 if the guard retains instances or an entry is quarantined that was not", async (t) => {
  const { run } = await scene(t);
  const lost = await run(["web/10.0.0.1:80", "web/10.0.0.2:80", "web/10.0.0.3:80"]);
  assert.equal(lost.code, 3);
  const [{ service, retained, live } = {}] = lost.report.retained;
  assert.deepEqual([service, retained, live], ["web", 3, 1]);
  assert.equal(lost.report.groups[0]?.files[0]?.diff, "", "the guard retains them");
  const bad = await run([], { "web/new": "{" });
  assert.equal(bad.code, 3);
  const fresh = bad.report.quarantined.filter(({ isNew }) => isNew);
  assert.deepEqual(
    fresh.map(({ key }) => key),
    ["/services/web/new"],
  );
  assert.deepEqual(bad.report.quarantined.length, 2);
  const removed = await run(["web/old"]);
  assert.deepEqual([removed.code, removed.report.quarantined.length], [0, 0]);
});

test("simulate exits with 1 and the words of the refusal; an old refusal is no new one", async (t) => {
  const { run, write, text } = await scene(t);
  const refused = await run([], { "/app/limit": "bad" });
  assert.equal(refused.code, 1);
  const check = refused.report.groups[0]?.check;
  assert.equal(check?.result, "refused");
  assert.equal(check?.wasRefused, false);
  assert.match(check?.why ?? "", /limit bad/);
  const unrendered = await run(["/app/limit"]);
  assert.equal(unrendered.code, 1);
  assert.match(unrendered.report.groups[0]?.check.why ?? "", /\/app\/limit/);
  assert.match((await text("--without", "/app/limit")).out, /file {8}out cannot be rendered: /);
  await write("keys/app/limit", "bad");
  const again = await run(["web/10.0.0.1:80"]);
  assert.equal(again.code, 1);
  assert.equal(again.report.groups[0]?.check.wasRefused, true);
  const mended = await run([], { "/app/limit": "5" });
  assert.equal(mended.code, 0);
});

test("secrets are hidden in differences, and a changed secret is one", async (t) => {
  const { run, write } = await scene(t);
  await write("keys/app/token", "s3cr3t-one");
  const { report } = await run([], { "/app/token": "s3cr3t-two" });
  const diff = report.groups[0]?.files[0]?.diff ?? "";
  assert.match(diff, /^-token \(hidden\)\n\+token \(hidden\)$/m);
  assert.doesNotMatch(JSON.stringify(report), /s3cr3t/);
});

test("an unknown entry, a key that no template reads and wrong usage are named", async (t) => {
  const { run, text } = await scene(t);
  const unknown = run(["web/10.0.0.9:80"]);
  await assert.rejects(unknown, { code: "AGENT_KEY_UNKNOWN", message: /similar: web\/10\.0\.0\./ });
  await assert.rejects(run([], { web: "x" }), { code: "AGENT_KEY_INVALID" });
  const { report, code } = await run([], { "/other/a": "1" });
  assert.deepEqual([code, report.changes[0]?.isReadable], [0, false]);
  const usage = await text("--with", "/app/limit");
  assert.equal(usage.code, 2);
  assert.match(usage.err, /expected a key, = and its value/);
  assert.match((await text()).err, /missing what to simulate/);
});
