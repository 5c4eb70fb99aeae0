/** The failures between a change of the keyspace and a proxy that serves it, and their repairs. */
import { execFile } from "node:child_process";
import { chmod, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { listen } from "../support/listen.ts";
import type { Kind, RefusalScene, RefusalSetting } from "./refusal-scene.ts";

/** A failure. docs/refusals.md documents its effect. */
export interface Refusal extends RefusalSetting {
  readonly what: string;
  readonly kinds: readonly Kind[];
  /** Causes the failure, before the change. Resolves with the function that repairs it. */
  inject(scene: RefusalScene): Promise<() => Promise<unknown>>;
}

const proxies = ["haproxy", "nginx"] as const;

export const refusals: readonly Refusal[] = [
  {
    what: "the check command fails",
    kinds: proxies,
    inject: async ({ put }) => {
      await put("extra", "no_such_directive x;");
      return () => put("extra", "");
    },
  },
  {
    what: "the check command times out",
    kinds: proxies,
    inject: (scene) => replaced(scene, "check", "sleep 1000 & wait"),
  },
  {
    what: "the check command cannot be started",
    kinds: proxies,
    inject: ({ folder }) => moved(join(folder, "check")),
  },
  {
    what: "no check command, and the proxy rejects the file",
    kinds: proxies,
    unchecked: true,
    inject: async ({ put }) => {
      await put("extra", "no_such_directive x;");
      return () => put("extra", "");
    },
  },
  {
    what: "a port is in use, which no check command detects",
    kinds: proxies,
    inject: async ({ kind, put, afterwards }) => {
      const { port } = await portInUse(afterwards);
      await put(
        "extra",
        kind === "haproxy" ? `bind 127.0.0.1:${port}` : `listen 127.0.0.1:${port};`,
      );
      return () => put("extra", "");
    },
  },
  {
    what: "a port is in use for a while",
    kinds: ["nginx"],
    inject: async ({ put, afterwards }) => {
      const { port, free } = await portInUse(afterwards);
      await put("extra", `listen 127.0.0.1:${port};`);
      return free;
    },
  },
  {
    what: "the proxy is not running",
    kinds: proxies,
    inject: async ({ kill, startProxy }) => {
      await kill();
      return startProxy;
    },
  },
  {
    what: "the master socket is missing",
    kinds: ["haproxy"],
    inject: ({ etc }) => moved(join(etc, "master.sock")),
  },
  {
    what: "the pid file is missing",
    kinds: ["nginx"],
    inject: ({ folder }) => moved(join(folder, "nginx.pid")),
  },
  {
    what: "the disk is full",
    kinds: proxies,
    inject: async ({ etc }) => {
      const filler = join(etc, "filler");
      await writeFile(filler, Buffer.alloc(1024 * 1024)).catch(() => {});
      return () => rm(filler);
    },
  },
  {
    what: "the file system is read-only",
    kinds: proxies,
    inject: async ({ etc }) => {
      await mounted("remount,ro", etc);
      return () => mounted("remount,rw", etc);
    },
  },
  {
    what: "the command fails",
    kinds: ["command"],
    inject: (scene) => replaced(scene, "notify", "echo not today; exit 3"),
  },
  {
    what: "the command times out",
    kinds: ["command"],
    inject: (scene) => replaced(scene, "notify", "sleep 1000 & wait"),
  },
];

/** Replaces a script. Resolves with the function that restores it. */
async function replaced({ folder }: RefusalScene, name: string, script: string) {
  const path = join(folder, name);
  const restore = await moved(path);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return restore;
}

/** A port on which another process listens until `free` is called. */
async function portInUse(after: RefusalScene["afterwards"]) {
  const server = createServer();
  const port = await listen({ after }, server);
  return { port, free: () => new Promise((resolve) => server.close(resolve)) };
}

/** Moves a file away. Resolves with the function that moves it back. */
export async function moved(path: string): Promise<() => Promise<void>> {
  await rename(path, `${path}.away`);
  return () => rename(`${path}.away`, path);
}

async function mounted(options: string, folder: string): Promise<void> {
  await promisify(execFile)("mount", ["-o", options, folder]);
}
