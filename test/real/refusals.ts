/** Everything that can go wrong between a change and a proxy that serves it, and how it is mended. */
import { execFile } from "node:child_process";
import { chmod, rename, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Kind, RefusalScene } from "./refusal-scene.ts";

/** What goes wrong. docs/refusals.md says what comes of it. */
export interface Refusal {
  readonly what: string;
  readonly kinds: readonly Kind[];
  /** No check command is configured. */
  readonly unchecked?: true;
  /** Makes it go wrong, before the change; resolves with what mends it. */
  strike(scene: RefusalScene): Promise<() => Promise<unknown>>;
}

const proxies = ["haproxy", "nginx"] as const;

export const refusals: readonly Refusal[] = [
  {
    what: "the check command fails",
    kinds: proxies,
    strike: async ({ put }) => {
      await put("extra", "no_such_directive x;");
      return () => put("extra", "");
    },
  },
  {
    what: "the check command times out",
    kinds: proxies,
    strike: (scene) => replaced(scene, "check", "sleep 1000 & wait"),
  },
  {
    what: "the check command cannot be started",
    kinds: proxies,
    strike: ({ folder }) => moved(join(folder, "check")),
  },
  {
    what: "no check command, and the proxy rejects the file",
    kinds: proxies,
    unchecked: true,
    strike: async ({ put }) => {
      await put("extra", "no_such_directive x;");
      return () => put("extra", "");
    },
  },
  {
    what: "a port is in use, which no check command detects",
    kinds: proxies,
    strike: async ({ kind, put, afterwards }) => {
      const { port } = await taken(afterwards);
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
    strike: async ({ put, afterwards }) => {
      const { port, free } = await taken(afterwards);
      await put("extra", `listen 127.0.0.1:${port};`);
      return free;
    },
  },
  {
    what: "the proxy is not running",
    kinds: proxies,
    strike: async ({ kill, startProxy }) => {
      await kill();
      return startProxy;
    },
  },
  {
    what: "the master socket is missing",
    kinds: ["haproxy"],
    strike: ({ etc }) => moved(join(etc, "master.sock")),
  },
  {
    what: "the pid file is missing",
    kinds: ["nginx"],
    strike: ({ folder }) => moved(join(folder, "nginx.pid")),
  },
  {
    what: "the disk is full",
    kinds: proxies,
    strike: async ({ etc }) => {
      const filler = join(etc, "filler");
      await writeFile(filler, Buffer.alloc(1024 * 1024)).catch(() => {});
      return () => rm(filler);
    },
  },
  {
    what: "the file system is read-only",
    kinds: proxies,
    strike: async ({ etc }) => {
      await mounted("remount,ro", etc);
      return () => mounted("remount,rw", etc);
    },
  },
  {
    what: "the command fails",
    kinds: ["command"],
    strike: (scene) => replaced(scene, "notify", "echo not today; exit 3"),
  },
  {
    what: "the command times out",
    kinds: ["command"],
    strike: (scene) => replaced(scene, "notify", "sleep 1000 & wait"),
  },
];

/** Puts another script in the place of one; it is itself again afterwards. */
async function replaced({ folder }: RefusalScene, name: string, script: string) {
  const path = join(folder, name);
  const putBack = await moved(path);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return putBack;
}

/** A port that somebody else listens on. */
async function taken(after: RefusalScene["afterwards"]) {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const free = () => new Promise((resolve) => server.close(resolve));
  after(free);
  return { port: (server.address() as AddressInfo).port, free };
}

async function moved(path: string): Promise<() => Promise<void>> {
  await rename(path, `${path}.away`);
  return () => rename(`${path}.away`, path);
}

async function mounted(options: string, folder: string): Promise<void> {
  await promisify(execFile)("mount", ["-o", options, folder]);
}
