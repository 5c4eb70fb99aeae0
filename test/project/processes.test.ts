import assert from "node:assert/strict";
import { test } from "node:test";
import { alone, longest, planOf, sharedFolder } from "../support/processes.ts";
import { read } from "../support/sources.ts";

const files = await read("test/**/*.test.ts");
const plan = planOf([...files.keys()]);
const shared = plan.flatMap((one) =>
  typeof one === "string" || one.files.length === 1 ? [] : one.files,
);

/** What one file would do to the others in its process. */
const disturbing: Readonly<Record<string, RegExp>> = {
  "sets the environment": /process\.env(\.\w+|\[[^\]]+\]) (\?\?)?= /,
  "changes the process":
    /process\.(chdir|umask|exit|kill|setuid|setgid|removeAllListeners)\(|process\.(exitCode|title) = /,
  "listens to the process": /process\.(on|once|addListener|prependListener)\(/,
  "changes the engine or the loader": /setFlagsFromString|registerHooks|\bregister\(import/,
  "replaces what others use": /mock\.(timers|module|method|getter|setter)|globalThis\.\w+ = /,
  "sets up all tests of the process": /^(before|after|beforeEach|afterEach)\(/m,
  "starts agents and servers": /from "[./]*\/real\/(sidekick|etcd|zookeeper|docker-engine)\.ts"/,
};

test("each test file runs in exactly one process", () => {
  const run = plan.flatMap((one) => (typeof one === "string" ? [one] : one.files));
  assert.deepEqual(run.toSorted(), [...files.keys()]);
  assert.ok(shared.length > files.size / 2, "most files share a process");
});

for (const [what, pattern] of Object.entries(disturbing)) {
  test(`no file ${what} while it shares a process: it is listed in test/support/processes.ts`, () => {
    const found = shared.filter((file) => pattern.test(files.get(file) ?? ""));
    assert.deepEqual(found, []);
  });
}

test("each file that is listed exists; alone runs only what would disturb others", () => {
  for (const file of longest) assert.ok(files.has(file), file);
  for (const file of Object.keys(alone)) {
    const text = files.get(file) ?? "";
    assert.ok(sharedFolder(file), file);
    assert.ok(
      Object.values(disturbing).some((pattern) => pattern.test(text)),
      file,
    );
  }
});
