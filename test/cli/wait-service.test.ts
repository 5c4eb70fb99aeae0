import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { program } from "../../cli/program.ts";
import type { World } from "../../cli/world.ts";
import { type Clock, systemClock } from "../../lib/base/clock.ts";
import { never } from "../../lib/base/signal.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../support/process.ts";
import { testWorld } from "./test-world.ts";

class Replaced extends Error {
  readonly argv: readonly string[];
  constructor(argv: readonly string[]) {
    super("replaced");
    this.argv = argv;
  }
}

/** The result, while time passes. */
async function inTime<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  let hasEnded = false;
  const end = () => {
    hasEnded = true;
  };
  work.then(end, end);
  await eventually("it has ended", async () => {
    await clock.advance(100);
    return hasEnded;
  });
  return await work;
}

/** A keyspace in a folder, and command lines on it. */
async function scene(t: TestContext) {
  const folder = await throwAwayFolder(t);
  const keyspace = `file:${folder}/keyspace`;
  const put = async (key: string, value: string) => {
    const path = join(folder, "keyspace", key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, value);
  };
  // Only what is polled takes real time.
  const manual = new ManualClock();
  const clock: Clock = {
    now: () => manual.now(),
    sleep: (ms, signal) => (ms < 1000 ? systemClock : manual).sleep(ms, signal),
  };
  const { world: base, out, err } = testWorld(folder);
  const replaceProcess: World["replaceProcess"] = async (_, argv) => {
    throw new Replaced(argv);
  };
  const world = {
    ...base,
    clock,
    replaceProcess,
    env: { ...base.env, SIDEKICK_KEYSPACE: keyspace },
  };
  const wait = (...args: readonly string[]) => program(["wait", ...args], world, never);
  return { folder, keyspace, put, manual, out, err, wait };
}

const entry = (weight: number) => JSON.stringify({ host: "10.0.0.1", port: 80, weight });

test("wait returns once a service has enough instances that take requests", async (t) => {
  const { put, manual, wait, out, err } = await scene(t);
  await put("/services/db/a", entry(1));
  await put("/services/db/b", entry(0));
  assert.equal(await inTime(manual, wait("db")), 0);
  assert.equal(await inTime(manual, wait("db", "--min", "50%")), 0);
  assert.equal(out(), "db is there\ndb is there\n");
  const waiting = wait("db", "--min", "2", "--timeout", "10m");
  const missing = "db (1 of 2 instances take requests) in file:";
  await eventually("it prints what it waits for", async () => {
    await manual.advance(1000);
    return err().includes(`waiting for ${missing}`);
  });
  await manual.advance(600_000);
  assert.equal(await waiting, 1);
  assert.ok(err().includes(`gave up after 10m: waited for ${missing}`), err().slice(-300));
});

test("wait becomes the program when the service appears, and finds out first whether there is one", async (t) => {
  const { folder, put, manual, wait } = await scene(t);
  await assert.rejects(wait("db", "--", "no-such-program"), { code: "CLI_PROGRAM_NOT_FOUND" });
  const file = join(folder, "start");
  await writeFile(file, "echo no interpreter is named\n", { mode: 0o755 });
  const waiting = wait("db", "--", file, "-c", "x");
  const ended = assert.rejects(waiting, new Replaced(["sh", file, "-c", "x"]));
  await put("/services/db/a", "10.0.0.1:80");
  await inTime(manual, ended);
  await rm(file);
});

test("wait takes the place of services from a configuration", async (t) => {
  const { folder, keyspace, put, manual, wait } = await scene(t);
  const file = join(folder, "sidekick.yaml");
  const templates = [{ source: "a.hbs", target: "a" }];
  const sources = { db: { path: "/legacy/db" } };
  const watch = { services: "/elsewhere", sources, templates };
  await writeFile(file, JSON.stringify({ keyspace, watch }));
  await put("/elsewhere/web/a", entry(1));
  await put("/legacy/db/a", entry(1));
  assert.equal(await inTime(manual, wait("web", "db", "-c", file)), 0);
});

for (const [args, message] of [
  [["db/10.0.0.1:80"], /10\.0\.0\.1:80 is an instance: add --served/],
  [[], /name the services to wait for, or add --served/],
  [["db", "--all"], /are for instances of a running agent: add --served/],
  [["--served", "db/a", "--", "true"], /neither --keyspace nor a program fits it/],
  [["db", "--min", "0"], /expected a number of instances such as 2, or a share/],
  [["--served", "db/a", "--min", "2"], /expected a share above 0%/],
  [["db", "--"], /missing the program after --/],
] as const) {
  test(`sidekick wait ${args.join(" ")} is wrong usage`, async (t) => {
    const { wait, err } = await scene(t);
    assert.equal(await wait(...args), 2);
    assert.match(err(), message);
  });
}
