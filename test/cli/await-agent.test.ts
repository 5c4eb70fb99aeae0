import assert from "node:assert/strict";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { awaitAgent } from "../../cli/await-agent.ts";
import { never } from "../../lib/base/signal.ts";
import { eventually, throwAwayFolder } from "../support/process.ts";
import { testWorld } from "./test-world.ts";

test("an agent that is named is waited for until its socket answers, and it is printed what is waited for", async (t) => {
  const folder = await throwAwayFolder(t);
  const { world, err } = testWorld(folder);
  const socket = join(folder, "agent.sock");
  const waiting = awaitAgent({ files: [], socket }, 60_000, world, never);
  await eventually("it is printed", () => err() !== "");
  assert.equal(err(), `waiting up to 1m for the start of an agent at ${socket}\n`);
  const server = createServer((connection) => connection.destroy());
  server.listen(socket);
  t.after(() => server.close());
  assert.equal(await waiting, socket);
});

test("an agent that does not start is reported at the limit", async (t) => {
  const folder = await throwAwayFolder(t);
  const { world } = testWorld(folder);
  const socket = join(folder, "agent.sock");
  await assert.rejects(awaitAgent({ files: [], socket }, 50, world, never), {
    code: "CONTROL_NO_AGENT",
  });
});
