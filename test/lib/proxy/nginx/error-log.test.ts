import assert from "node:assert/strict";
import { appendFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ErrorLog, isFinal } from "../../../../lib/proxy/nginx/error-log.ts";
import { throwAwayFolder } from "../../../support/process.ts";

const line = (level: string, pid: number, message: string) =>
  `2026/11/21 01:02:03 [${level}] ${pid}#${pid}: ${message}\n`;

test("only the master's [emerg] lines from now on count", async (t) => {
  const path = join(await throwAwayFolder(t), "error.log");
  await writeFile(path, line("emerg", 7, "long ago"));
  await using log = await ErrorLog.atEnd(path, 7);
  assert.deepEqual(await log?.emergencies(), []);
  await appendFile(path, line("error", 7, "no") + line("emerg", 8, "another process"));
  await appendFile(path, line("emerg", 7, 'unknown directive "x"').slice(0, 40));
  assert.deepEqual(await log?.emergencies(), []);
  await appendFile(path, line("emerg", 7, 'unknown directive "x"').slice(40));
  await rename(path, `${path}.1`);
  await appendFile(`${path}.1`, line("emerg", 7, "still could not bind()"));
  const found = ['unknown directive "x"', "still could not bind()"];
  assert.deepEqual(await log?.emergencies(), found);
});

test("a log that does not exist is not read", async (t) => {
  const path = join(await throwAwayFolder(t), "error.log");
  assert.equal(await ErrorLog.atEnd(path, 7), undefined);
});

test("a failed attempt to bind is not final", () => {
  assert.ok(!isFinal("bind() to 0.0.0.0:80 failed (98: Address already in use)"));
  assert.ok(isFinal("still could not bind()"));
  assert.ok(isFinal('unknown directive "x" in /etc/nginx/nginx.conf:3'));
});
