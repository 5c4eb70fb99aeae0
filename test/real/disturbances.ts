/** The failures that need no change of the keyspace to be noticed, and their repairs. */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { outputOf } from "../support/process.ts";
import type { RefusalScene } from "./refusal-scene.ts";
import { moved, type Refusal } from "./refusals.ts";

const proxies = ["haproxy", "nginx"] as const;

export const disturbances: readonly Refusal[] = [
  {
    what: "the proxy is killed",
    kinds: proxies,
    inject: async ({ kill, startProxy }) => {
      await kill();
      return startProxy;
    },
  },
  {
    what: "the proxy is stopped with SIGSTOP",
    kinds: proxies,
    inject: async ({ signalProxy }) => {
      signalProxy("SIGSTOP");
      return async () => signalProxy("SIGCONT");
    },
  },
  {
    what: "the master socket is removed",
    kinds: ["haproxy"],
    inject: ({ etc }) => moved(join(etc, "master.sock")),
  },
  {
    what: "the target is edited",
    kinds: proxies,
    inject: (scene) => edited(join(scene.etc, "target"), (text) => `${text}# by hand\n`),
  },
  {
    what: "the target is deleted",
    kinds: proxies,
    inject: async ({ etc }) => {
      const target = join(etc, "target");
      const text = await readFile(target);
      await rm(target);
      return () => writeFile(target, text);
    },
  },
  {
    what: "the template is deleted",
    kinds: ["haproxy"],
    inject: ({ folder }) => moved(join(folder, "template.hbs")),
  },
  {
    what: "the template is broken",
    kinds: ["haproxy"],
    inject: ({ folder }) => edited(join(folder, "template.hbs"), (text) => `${text}{{#if}}\n`),
  },
  {
    what: "the keyspace is down",
    kinds: ["haproxy"],
    inEtcd: true,
    inject: async ({ etcd }) => {
      await etcd?.kill();
      return async () => await etcd?.restart();
    },
  },
  {
    what: "file descriptors of the agent run short",
    kinds: ["haproxy"],
    inject: async (scene) => {
      const { agent, put } = scene;
      const limit = (nofile: string | number) =>
        outputOf(["prlimit", `--nofile=${nofile}:`, `--pid=${agent}`]);
      // Two are left: one for an answer about the status, and one less than a check command needs.
      await limit(await freeDescriptor(agent, 2));
      await put("version", "v2");
      return () => limit(1024);
    },
  },
];

/** Edits a file. Resolves with the function that restores it. */
async function edited(path: string, edit: (text: string) => string) {
  const before = await readFile(path, "utf8");
  await writeFile(path, edit(before));
  return () => writeFile(path, before);
}

/** The number of the first free file descriptor of a process, after `skipped` others. */
async function freeDescriptor(pid: RefusalScene["agent"], skipped: number): Promise<number> {
  const open = new Set(await readdir(`/proc/${pid}/fd`));
  const numbers = Array.from({ length: open.size + skipped + 1 }, (_, i) => i);
  return numbers.filter((one) => !open.has(String(one)))[skipped] ?? 0;
}
