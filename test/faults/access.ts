import { execFile } from "node:child_process";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { eventually } from "../support/process.ts";
import type { Agent } from "./agent.ts";
import { etcdOf } from "./etcd-only.ts";
import type { Fault } from "./fault.ts";
import { passwords, ttlMs, type World } from "./world.ts";

/** The server lets nobody in, or us no longer. */
export const access: readonly Fault[] = [
  {
    name: "authentication is turned on; the agents have the right password",
    only: "etcd",
    setting: { members: 1, login: true },
    prepare: addUsers,
    async strike(world) {
      await authentication(world, "enable");
      await world.toggle();
      await world.change();
    },
    since: "it is on",
    withinMs: 10_000,
    mend: async (world) => await authentication(world, "disable"),
  },
  {
    name: "the agents' password is wrong when the server is started again, and is put right after three times to live",
    only: "etcd",
    setting: { members: 1, login: true },
    async prepare(world) {
      await addUsers(world);
      await authentication(world, "enable");
    },
    async strike(world) {
      const { store, settings, presence, watcher, toggle, change } = world;
      await writeFile(settings.passwordFile, "wrong");
      await store.members[0]?.kill();
      await store.members[0]?.restart();
      await toggle();
      await change();
      await delay(3 * ttlMs);
      await said([presence, watcher], "KEYSPACE_PERMISSION_DENIED");
      await writeFile(settings.passwordFile, passwords.app);
    },
    since: "it is put right",
    entries: "anew",
    withinMs: 10_000,
    mend: async (world) => await authentication(world, "disable"),
  },
  {
    name: "the agents' login expires every second",
    only: "etcd",
    setting: { members: 1, login: true, args: ["--auth-token-ttl=1"] },
    async prepare(world) {
      await addUsers(world);
      await authentication(world, "enable");
    },
    async strike({ change, toggle }) {
      await delay(3000);
      await toggle();
      await change();
      await delay(3000);
    },
    since: "the last change was made",
    withinMs: 10_000,
    mend: async (world) => await authentication(world, "disable"),
  },
  {
    name: "the authority of the server is unknown when it is started again, and is put right after three times to live",
    setting: { members: 1, tls: true },
    async strike({ store, settings, presence, watcher, toggle, change }) {
      const right = await readFile(settings.authority);
      await otherAuthority(settings.authority);
      await store.members[0]?.kill();
      await store.members[0]?.restart();
      await toggle();
      await change();
      await delay(3 * ttlMs);
      await said([presence, watcher], "KEYSPACE_UNREACHABLE");
      await writeFile(settings.authority, right);
    },
    since: "it is put right",
    withinMs: 10_000,
  },
  {
    name: "the agents' password is wrong when they come to a folder that is theirs, and is put right",
    only: "zookeeper",
    setting: { members: 1, login: true },
    async strike({ store, settings, presence, toggle, change }) {
      await writeFile(settings.passwordFile, "wrong");
      await store.members[0]?.kill();
      await store.members[0]?.restart();
      await toggle();
      await change();
      await said([presence], "KEYSPACE_PERMISSION_DENIED");
      await writeFile(settings.passwordFile, passwords.app);
    },
    since: "it is put right",
    entries: "kept",
    withinMs: 10_000,
  },
];

/** Makes a user for everything and one for what lies below /services; once is enough. */
async function addUsers(world: World): Promise<void> {
  const { etcdctl } = etcdOf(world);
  if ((await etcdctl("user", "list")).includes("app")) return;
  await etcdctl("user", "add", `root:${passwords.root}`);
  await etcdctl("role", "add", "root");
  await etcdctl("user", "grant-role", "root", "root");
  await etcdctl("user", "add", `app:${passwords.app}`);
  await etcdctl("role", "add", "app");
  await etcdctl("role", "grant-permission", "app", "readwrite", "/services/", "--prefix");
  await etcdctl("user", "grant-role", "app", "app");
}

async function authentication(world: World, how: "enable" | "disable"): Promise<void> {
  const { etcdctl, logIn } = etcdOf(world);
  if (how === "enable") await etcdctl("auth", "enable");
  else await etcdctl(`--user=root:${passwords.root}`, "auth", "disable");
  logIn("root", passwords.root);
}

async function said(agents: readonly Agent[], code: string): Promise<void> {
  for (const agent of agents) {
    await eventually(`${code} is said`, () => agent.events().some((event) => event.code === code));
  }
}

/** Puts the certificate of an authority that signed nothing in the place of another one. */
async function otherAuthority(path: string): Promise<void> {
  const other = join(path, "..", "other");
  const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const files = ["-subj", "/CN=other", "-keyout", `${other}.key`, "-out", `${other}.crt`];
  await promisify(execFile)("openssl", ["req", "-x509", ...made, ...files]);
  await copyFile(`${other}.crt`, path);
}
