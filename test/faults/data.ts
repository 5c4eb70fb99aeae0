import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import { compact } from "./etcd-only.ts";
import type { Fault } from "./fault.ts";

const run = promisify(execFile);

/** The server has lost data. */
export const data: readonly Fault[] = [
  {
    name: "the server is restarted without its data",
    setting: { members: 1 },
    async inject({ store, model, change, toggle }) {
      const [server] = store.members;
      for (let i = 0; i < 20; i += 1) await change();
      await server?.kill();
      await toggle();
      await server?.restart({ wiped: true });
      model.others = new Map();
      await change();
    },
    since: "the server answers again",
    entries: "registered again",
    withinMs: 10_000,
  },
  {
    name: "the server is restored from an older backup",
    setting: { members: 1 },
    async inject({ store, model, change, toggle }) {
      const [server] = store.members;
      if (!server) return;
      await change();
      const others = model.others;
      const copy = `${server.folder}-copy`;
      await server.kill();
      await run("cp", ["-a", server.folder, copy]);
      await server.restart();
      for (let i = 0; i < 20; i += 1) await change();
      await toggle();
      await server.kill();
      await rm(server.folder, { recursive: true });
      await run("mv", [copy, server.folder]);
      await server.restart();
      model.others = others;
      await change();
    },
    since: "the server answers again",
    withinMs: 10_000,
  },
  {
    name: "revisions that the watcher has not received are compacted while it is cut off",
    only: "etcd",
    setting: { members: 1 },
    async inject(world) {
      const { store, watcher, change, toggle } = world;
      const [server] = store.members;
      await server?.host.cutOff([watcher.host]);
      for (let i = 0; i < 20; i += 1) await change();
      await toggle();
      await compact(world);
      await change();
      await server?.host.restore();
    },
    since: "packets arrive again",
    entries: "kept",
    withinMs: 10_000,
  },
];
