import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import type { Requested } from "../../../lib/presence/contract.ts";
import { readRequested, writeRequested } from "../../../lib/presence/requested-file.ts";
import { throwAwayFolder } from "../../support/process.ts";

const requested: Requested = {
  draining: new Map([
    ["web/10.0.0.1:80", { reason: "request", sinceMs: 900, untilMs: 11_000 }],
    ["web/c", { reason: "request", run: "c1@7", sinceMs: 1000, untilMs: 1000 }],
  ]),
  weights: new Map([
    ["web/10.0.0.1:80", { weight: 20, sinceMs: 500 }],
    ["db/a", { weight: 0, run: "c2@7", sinceMs: 600 }],
  ]),
};
const moment = { nowMs: 1000, wallMs: Date.UTC(2026, 0, 2) };

async function pathOf(t: TestContext): Promise<string> {
  return join(await throwAwayFolder(t), "state", "web.requested");
}

test("drains and weights are read as they were written, by the clock on the wall", async (t) => {
  const path = await pathOf(t);
  assert.equal(await readRequested(path, moment), undefined);
  await writeRequested(path, requested, moment);
  assert.deepEqual(await readRequested(path, moment), requested);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.match(await readFile(path, "utf8"), /"until": "2026-01-02T00:00:10.000Z"/);
  // Another process, a second later.
  const later = await readRequested(path, { nowMs: 5, wallMs: moment.wallMs + 1000 });
  assert.equal(later?.draining.get("web/10.0.0.1:80")?.untilMs, 9005);
  assert.equal(later?.weights.get("db/a")?.sinceMs, -1395);
});

const valid = {
  version: 1,
  drains: [{ name: "web/a", since: "2026-01-02T00:00:00Z", until: "2026-01-02T00:00:00Z" }],
  weights: [{ name: "web/a", weight: 1, since: "2026-01-02T00:00:00Z" }],
};
const [drain, weight] = [valid.drains[0], valid.weights[0]];

const hostile: Readonly<Record<string, unknown>> = {
  "another version": { ...valid, version: 2 },
  "no list": { ...valid, drains: { 0: drain } },
  "no weights": { version: 1, drains: [] },
  "an item that is none": { ...valid, weights: [null] },
  "a name without a service": { ...valid, drains: [{ ...drain, name: "web" }] },
  "a name of another folder": { ...valid, drains: [{ ...drain, name: "../a" }] },
  "a name that is deeper": { ...valid, weights: [{ ...weight, name: "web/a/b" }] },
  "a weight that is too large": { ...valid, weights: [{ ...weight, weight: 257 }] },
  "a weight that is text": { ...valid, weights: [{ ...weight, weight: "1" }] },
  "a run that is no string": { ...valid, drains: [{ ...drain, run: 1 }] },
  "a date that is none": { ...valid, drains: [{ ...drain, until: "soon" }] },
  "a date that is far away": { ...valid, drains: [{ ...drain, until: "+200000-01-01T00:00:00Z" }] },
  "a list": [],
};

test("a file that is not as it was written is rejected as a whole", async (t) => {
  const path = await pathOf(t);
  await writeRequested(path, requested, moment);
  await writeFile(path, JSON.stringify(valid));
  assert.equal((await readRequested(path, moment))?.draining.size, 1);
  for (const [what, content] of Object.entries(hostile)) {
    await writeFile(path, JSON.stringify(content));
    const rejected = { code: "PRESENCE_REQUESTED_REJECTED", message: /are not used: [^:]+/ };
    await assert.rejects(readRequested(path, moment), rejected, what);
  }
  await writeFile(path, JSON.stringify(valid).slice(0, -1));
  await assert.rejects(readRequested(path, moment), { code: "PRESENCE_REQUESTED_REJECTED" });
  await truncate(path, 65 * 1024 * 1024);
  await assert.rejects(readRequested(path, moment), { message: /longer than/ });
});

test("a folder and a pipe in its place are rejected, and do not hang", async (t) => {
  const [folder, path] = [await throwAwayFolder(t), await pathOf(t)];
  await assert.rejects(readRequested(folder, moment), { code: "PRESENCE_REQUESTED_REJECTED" });
  await mkdir(join(path, ".."));
  await promisify(execFile)("mkfifo", [path]);
  await assert.rejects(readRequested(path, moment), { message: /it is no file/ });
});

test("what cannot be written is a fault", async (t) => {
  const folder = await throwAwayFolder(t);
  await writeFile(join(folder, "file"), "");
  const path = join(folder, "file", "web.requested");
  const unwritable = { code: "PRESENCE_REQUESTED_UNWRITABLE", retry: true };
  await assert.rejects(writeRequested(path, requested, moment), unwritable);
  await chmod(folder, 0o700);
});
