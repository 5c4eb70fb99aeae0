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

/** The server rejects the agents, or the agents reject the server. */
export const access: readonly Fault[] = [
  {
    name: "authentication is enabled; the agents have the correct password",
    only: "etcd",
    setting: { members: 1, login: true },
    prepare: addUsers,
    async inject(world) {
      await authentication(world, "enable");
      await world.toggle();
      await world.change();
    },
    since: "authentication is enabled",
    withinMs: 10_000,
    repair: async (world) => await authentication(world, "disable"),
  },
  {
    name: "the password of the agents is wrong when the server restarts, and is corrected after three TTLs",
    only: "etcd",
    setting: { members: 1, login: true },
    async prepare(world) {
      await addUsers(world);
      await authentication(world, "enable");
    },
    async inject(world) {
      const { store, settings, presence, watcher, toggle, change } = world;
      await writeFile(settings.passwordFile, "wrong");
      await store.members[0]?.kill();
      await store.members[0]?.restart();
      await toggle();
      await change();
      await delay(3 * ttlMs);
      await reported([presence, watcher], "KEYSPACE_PERMISSION_DENIED");
      await writeFile(settings.passwordFile, passwords.app);
    },
    since: "it is corrected",
    entries: "registered again",
    withinMs: 10_000,
    repair: async (world) => await authentication(world, "disable"),
  },
  {
    name: "the authentication token of the agents expires every second",
    only: "etcd",
    setting: { members: 1, login: true, args: ["--auth-token-ttl=1"] },
    async prepare(world) {
      await addUsers(world);
      await authentication(world, "enable");
    },
    async inject({ change, toggle }) {
      await delay(3000);
      await toggle();
      await change();
      await delay(3000);
    },
    since: "the last change was made",
    withinMs: 10_000,
    repair: async (world) => await authentication(world, "disable"),
  },
  {
    name: "the CA certificate of the agents is wrong when the server restarts, and is corrected after three TTLs",
    setting: { members: 1, tls: true },
    async inject({ store, settings, presence, watcher, toggle, change }) {
      const correct = await readFile(settings.authority);
      await otherAuthority(settings.authority);
      await store.members[0]?.kill();
      await store.members[0]?.restart();
      await toggle();
      await change();
      await delay(3 * ttlMs);
      await reported([presence, watcher], "KEYSPACE_UNREACHABLE");
      await writeFile(settings.authority, correct);
    },
    since: "it is corrected",
    withinMs: 10_000,
  },
  {
    name: "the password of the agents is wrong for a folder that they own, and is corrected",
    only: "zookeeper",
    setting: { members: 1, login: true },
    async inject({ store, settings, presence, toggle, change }) {
      await writeFile(settings.passwordFile, "wrong");
      await store.members[0]?.kill();
      await store.members[0]?.restart();
      await toggle();
      await change();
      await reported([presence], "KEYSPACE_PERMISSION_DENIED");
      await writeFile(settings.passwordFile, passwords.app);
    },
    since: "it is corrected",
    entries: "kept",
    withinMs: 10_000,
  },
];

/** Adds a user with all permissions and one with permissions below /services, unless they exist. */
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

async function reported(agents: readonly Agent[], code: string): Promise<void> {
  for (const agent of agents) {
    await eventually(`${code} is logged`, () =>
      agent.events().some((event) => event.code === code),
    );
  }
}

/** Replaces a CA certificate by one that has issued no certificates. */
async function otherAuthority(path: string): Promise<void> {
  const other = join(path, "..", "other");
  const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const files = ["-subj", "/CN=other", "-keyout", `${other}.key`, "-out", `${other}.crt`];
  await promisify(execFile)("openssl", ["req", "-x509", ...made, ...files]);
  await copyFile(`${other}.crt`, path);
}
