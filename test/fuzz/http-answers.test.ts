import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { systemClock } from "../../lib/base/clock.ts";
import { never } from "../../lib/base/signal.ts";
import { checkSchema, createCheck } from "../../lib/health/kinds.ts";
import { tcpServer } from "../lib/health/servers.ts";
import { outputOf, run, throwAwayFolder } from "../support/process.ts";
import { seeded } from "../support/random.ts";
import { type Answer, randomAnswer } from "./http-answers.ts";

/** Set for a longer run by hand. */
const seed = Number(process.env.FUZZ_SEED ?? 1);
const count = Number(process.env.FUZZ_COUNT ?? 600);

/** What curl makes of a response. */
interface CurlResult {
  /** Whether it got a final response to its end. */
  readonly ok: boolean;
  readonly status: number;
  readonly body: string;
  readonly message: string;
}

/** Serves the answer whose number is the path; closes the connection after it. */
async function serve(t: TestContext, answers: readonly Answer[]) {
  const send = async (socket: Socket, answer: Answer) => {
    for (const piece of answer) {
      socket.write(piece, "latin1");
      await turn();
    }
    socket.end();
  };
  const greet = (socket: Socket) => {
    let request = "";
    socket.on("data", (bytes) => {
      request += bytes;
      const number = /^GET \/(\d+) .*\r\n\r\n$/s.exec(request)?.[1];
      if (number !== undefined) void send(socket, answers[Number(number)] ?? []);
    });
  };
  return await tcpServer(t, greet, "0.0.0.0");
}

/** Requests all answers from the origin with a single curl. */
async function curl(t: TestContext, port: number, length: number): Promise<readonly CurlResult[]> {
  const folder = await throwAwayFolder(t);
  // A host for each, so that no connection is used twice.
  const transfers = Array.from({ length }, (_, i) => {
    const host = `127.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
    return `url = http://${host}:${port}/${i}\noutput = ${folder}/${i}`;
  });
  const format = "%{urlnum}\t%{exitcode}\t%{http_code}\t%{errormsg}\\n";
  const options = `silent\nmax-time = 10\nwrite-out = "${format}"`;
  const config = join(folder, "config");
  await writeFile(config, `${options}\n${transfers.join("\n")}\n`);
  const { stdout } = await run(["curl", "--disable", "--config", config]);
  const lines = stdout.trim().split("\n");
  assert.equal(lines.length, length);
  return await Promise.all(
    lines.map(async (line, i) => {
      const [, exitCode, status, message = ""] = line.split("\t");
      const body = await readFile(join(folder, String(i)), "latin1").catch(() => "");
      // An informational response that breaks off counts as a success for curl.
      const ok = exitCode === "0" && Number(status) >= 200;
      return { ok, status: Number(status), body, message: `exit code ${exitCode} ${message}` };
    }),
  );
}

test(`a check accepts the responses that curl accepts: ${count} of them, seed ${seed}`, async (t) => {
  await outputOf(["curl", "--version"]);
  const random = seeded(seed);
  const answers = Array.from({ length: count }, () => randomAnswer(random));
  const { target } = await serve(t, answers);
  const results = await curl(t, target.port, count);
  const accepted = results.filter(({ ok }) => ok).length;
  assert.ok(accepted > count / 2 && accepted < count, `curl accepts ${accepted} of ${count}`);
  for (const [i, { ok, status, body, message }] of results.entries()) {
    const expected = {
      expect: ok ? [status] : ["1xx", "2xx", "3xx", "4xx", "5xx"],
      ...(ok && body !== "" ? { contains: body } : {}),
    };
    const config = checkSchema.parse({ type: "http", path: `/${i}`, timeout: "10s", ...expected });
    const reading = await createCheck(config, target, { clock: systemClock }).probe(never);
    const answer = JSON.stringify(answers[i]?.map((piece) => piece.slice(0, 400)));
    const shown = `${answer}: curl ${status} ${message}, check ${JSON.stringify(reading)}`;
    assert.equal(reading.ok, ok, shown);
  }
});
