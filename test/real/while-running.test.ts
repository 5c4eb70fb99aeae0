import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually, throwAwayFolder } from "../support/process.ts";
import { startSidekick } from "./sidekick.ts";

/** A watcher on a keyspace folder. Tests edit its files like an operator does. */
async function running(t: TestContext) {
  const folder = await throwAwayFolder(t);
  const write = async (name: string, text: string) => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  };
  await write(
    "sidekick.yaml",
    [
      "keyspace: file:./keys",
      "watch:",
      "  retry: { first: 100ms, atMost: 500ms }",
      "  templates:",
      "    - source: app.conf.hbs",
      "      target: app.conf",
      '      check: [sh, ./check.sh, "{candidate}"]',
    ].join("\n"),
  );
  await write("check.sh", "exit 0\n");
  await write("app.conf.hbs", '{{#each (getvs "/services/web/*")}}\nserver {{this}};\n{{/each}}\n');
  await write("keys/services/web/a", "10.0.0.1:80");
  const sidekick = startSidekick(t, ["watch", "-c", "sidekick.yaml"], { cwd: folder });
  const file = () => readFile(join(folder, "app.conf"), "utf8");
  const becomes = (text: string) =>
    eventually(`the file becomes ${JSON.stringify(text)}`, async () => (await file()) === text);
  const logged = (pattern: RegExp) =>
    eventually(`the log contains ${pattern}`, () => pattern.test(sidekick.output()));
  await becomes("server 10.0.0.1:80;\n");
  return { folder, write, sidekick, file, becomes, logged };
}

test("an invalid edit of a template is logged, and a valid one is applied without a restart", async (t) => {
  const { write, file, becomes, logged, sidekick } = await running(t);
  await write("app.conf.hbs", "# new\n{{#each (getvs\n");
  await logged(/app\.conf\.hbs:\d+:\d+: .*expected; the previous template is kept/);
  await write("keys/services/web/b", "10.0.0.2:80");
  await becomes("server 10.0.0.1:80;\nserver 10.0.0.2:80;\n");
  await write("app.conf.hbs", '# new\n{{#each (getvs "/services/web/*")}}\n{{this}}\n{{/each}}\n');
  await becomes("# new\n10.0.0.1:80\n10.0.0.2:80\n");
  assert.equal(sidekick.child.exitCode, null);
  assert.match(await file(), /new/);
});

test("if a check command fails, the previous file is kept and the command is retried", async (t) => {
  const { folder, write, file, becomes, logged, sidekick } = await running(t);
  // Its message begins with the time and the process id; a file records its runs.
  await write(
    "check.sh",
    'echo x >> runs; echo "$(date +%Y/%m/%d) $(date +%T) [emerg] $$#$$: line 1 is bad" >&2; exit 3\n',
  );
  await write("keys/services/web/b", "10.0.0.2:80");
  await logged(/\[emerg\] line 1 is bad.*the previous file is kept; retrying in/);
  const runs = () => readFile(join(folder, "runs"), "utf8");
  await eventually("it has run three times", async () => (await runs()).length >= 6);
  assert.equal(
    sidekick.output().match(/line 1 is bad/g)?.length,
    1,
    "a lasting fault is logged once",
  );
  assert.equal(await file(), "server 10.0.0.1:80;\n");
  await write("check.sh", "exit 0\n");
  await becomes("server 10.0.0.1:80;\nserver 10.0.0.2:80;\n");
  await logged(/"event":"recovered"/);
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith(".")),
    [],
  );
});

test("a value that would break out of its line is left out of its list, with its key in the log", async (t) => {
  const { folder, write, file, becomes, logged } = await running(t);
  await write("keys/services/web/evil", "10.0.0.1:80; } server { listen 81");
  await logged(
    /app\.conf\.hbs:2:8: \{\{this\}\} is .*10\.0\.0\.1:80; \} server \{ listen 81.* \(key \/services\/web\/evil\)/,
  );
  await logged(/"event":"quarantined"/);
  assert.equal(await file(), "server 10.0.0.1:80;\n");
  await write("keys/services/web/b", "10.0.0.2:80");
  await becomes("server 10.0.0.1:80;\nserver 10.0.0.2:80;\n");
  await rm(join(folder, "keys/services/web/evil"));
  await logged(/\/services\/web\/evil is no longer quarantined/);
});

test("a value that is read by its key keeps the old file, with its key in the log", async (t) => {
  const { folder, write, file, becomes, logged } = await running(t);
  await write(
    "app.conf.hbs",
    '{{#each (getvs "/services/*/*")}}\nserver {{this}};\n{{/each}}\n{{getv "/services/web/evil" "none"}}\n',
  );
  await becomes("server 10.0.0.1:80;\nnone\n");
  await write("keys/services/web/evil", "10.0.0.1:80; } server { listen 81");
  await logged(
    /app\.conf\.hbs:4:1: \{\{getv\}\} is .*10\.0\.0\.1:80; \} server \{ listen 81.* \(key \/services\/web\/evil\)/,
  );
  await write("keys/services/web/b", "10.0.0.2:80");
  await logged(/"event":"fault"/);
  assert.equal(await file(), "server 10.0.0.1:80;\nnone\n");
  await rm(join(folder, "keys/services/web/evil"));
  await becomes("server 10.0.0.1:80;\nserver 10.0.0.2:80;\nnone\n");
});

test("an instance with such a value is quarantined; other changes are applied", async (t) => {
  const { write, becomes, logged } = await running(t);
  await write(
    "app.conf.hbs",
    "{{#each services}}\n{{#each instances}}\nserver {{address}};\n{{/each}}\n{{/each}}\n",
  );
  await write("keys/services/web/evil", "10.0.0.1:80; } server { listen 81");
  await write("keys/services/web/b", "10.0.0.2:80");
  await logged(/\/services\/web\/evil .*is quarantined: /);
  await becomes("server 10.0.0.1:80;\nserver 10.0.0.2:80;\n");
});

test("an agent that is stopped while a check command hangs ends it, and leaves nothing behind", async (t) => {
  const { folder, write, sidekick } = await running(t);
  await write("check.sh", "echo $$ > check.pid; sleep 1000\n");
  await write("keys/services/web/b", "10.0.0.2:80");
  const pid = await eventually("the check command runs", async () => {
    // The shell creates the file before it writes to it.
    return Number(await readFile(join(folder, "check.pid"), "utf8")) || undefined;
  });
  assert.equal(await sidekick.stop("SIGTERM"), 0, sidekick.output());
  assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith(".")),
    [],
  );
});

test("two watchers with different templates for one file both log that another program writes it", async (t) => {
  const { folder, write, becomes, logged } = await running(t);
  const config = await readFile(join(folder, "sidekick.yaml"), "utf8");
  await write("other.yaml", config.replace("app.conf.hbs", "other.hbs"));
  await write("other.hbs", '# other\n{{#each (getvs "/services/web/*")}}\n{{this}};\n{{/each}}\n');
  const other = startSidekick(t, ["watch", "-c", "other.yaml"], { cwd: folder });
  await becomes("# other\n10.0.0.1:80;\n");
  await write("keys/services/web/b", "10.0.0.2:80");
  const pattern =
    /"event":"(out_of_sync|drift_overwritten)".*app\.conf was changed by another program/;
  await logged(pattern);
  let changes = 0;
  await eventually("the other one logs it, too", async () => {
    changes += 1;
    await write("keys/services/web/b", `10.0.0.2:${80 + (changes % 100)}`);
    return pattern.test(other.output());
  });
});
