import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { createFileKeyspace } from "../../lib/keyspace/file/keyspace.ts";
import { pathOf } from "../../lib/keyspace/file/path.ts";
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
    writeWithoutSession: async (key, value) => {
      const path = pathOf(folder, key);
      await mkdir(dirname(path), { recursive: true });
      await rm(path, { force: true });
      await writeFile(path, `${value}\n`);
    },
    expireSessions: async () => {
      const sessions = sessionsOf(folder);
      for (const name of await readdir(sessions)) await reap(folder, join(sessions, name));
    },
  };
}
