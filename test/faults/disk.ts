import { execFile } from "node:child_process";
import { rm, statfs, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { eventually } from "../support/process.ts";
import { compact, etcdOf } from "./etcd-only.ts";
import type { Fault } from "./fault.ts";
import type { Member, Store } from "./store.ts";
import { ttlMs, type World } from "./world.ts";

const run = promisify(execFile);

/** The server has no space for new data. */
export const disks: readonly Fault[] = [
  {
    name: "the disk of the server is full for three TTLs",
    setting: { members: 1 },
    prepare: smallDisk,
    async inject({ store, model, change, toggle }) {
      const [server] = store.members;
      if (!server) return;
      await change();
      const filler = await fill(server);
      await writeUntilRefused(store);
      await toggle();
      await delay(3 * ttlMs);
      await rm(filler);
      await server.kill();
      await server.restart();
      await removeBig(store);
      await change();
      model.others = new Map(model.others);
    },
    since: "there is free space and the server answers again",
    withinMs: 15_000,
  },
  {
    name: "the quota of the server is exceeded for three TTLs",
    only: "etcd",
    setting: { members: 1, args: ["--quota-backend-bytes=30000000"] },
    async inject(world) {
      const { store, change, toggle } = world;
      await change();
      await writeUntilRefused(store);
      await toggle();
      await delay(3 * ttlMs);
      await toggle();
      await removeBig(store);
      await compact(world);
      const { etcdctl } = etcdOf(world);
      await etcdctl("defrag");
      await etcdctl("alarm", "disarm");
      await change();
    },
    since: "a write is accepted again",
    withinMs: 15_000,
  },
];

/** Moves the data of the server to a file system of its own with 200 MB. */
async function smallDisk({ store, model }: World): Promise<void> {
  const [server] = store.members;
  if (!server || (await statfs(server.folder)).blocks * 4096 < 300e6) return;
  await server.kill();
  await run("mount", ["-t", "tmpfs", "-o", "size=200m", "none", server.folder]);
  model.others = new Map();
  await server.restart();
}

async function fill({ folder }: Member): Promise<string> {
  const path = join(folder, "filler");
  const { bavail, bsize } = await statfs(folder);
  await writeFile(path, Buffer.alloc(0));
  await truncate(path, 0);
  await run("fallocate", ["-l", String(bavail * bsize), path]);
  return path;
}

const big = "x".repeat(900_000);

async function writeUntilRefused(store: Store): Promise<void> {
  for (let i = 1; i <= 500; i += 1) {
    const isWritten = await store.write(`/big/${i}`, big).then(
      () => true,
      () => false,
    );
    if (!isWritten) return;
  }
  throw new Error("the store accepts more than its disk can hold");
}

async function removeBig(store: Store): Promise<void> {
  const { entries } = await eventually("the big entries are read", () => store.read("/big"));
  for (const key of entries.keys()) await store.remove(key);
}
