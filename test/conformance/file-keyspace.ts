import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { createFileKeyspace } from "../../lib/keyspace/file/keyspace.ts";
import { reap } from "../../lib/keyspace/file/reap.ts";
import { sessionsOf } from "../../lib/keyspace/file/sweep.ts";
import { throwAwayFolder } from "../support/process.ts";
import type { Fixture } from "./keyspace-fixture.ts";

/** A keyspace of files, in a folder of its own. */
export async function fileKeyspace(t: TestContext): Promise<Fixture> {
  const folder = join(await throwAwayFolder(t), ".config", "keyspace");
  return {
    open: async () => createFileKeyspace({ folder, clock: systemClock }),
    ttlMs: 1500,
    expireSessions: async () => {
      const sessions = sessionsOf(folder);
      for (const name of await readdir(sessions)) await reap(folder, join(sessions, name));
    },
  };
}
