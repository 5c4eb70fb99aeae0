import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { eventually, hangMs, promised, throwAwayFolder } from "../support/process.ts";
import { type Agent, startAgent } from "./agent.ts";
import { App } from "./app.ts";
import { startEtcdStore } from "./etcd-store.ts";
import { equalSince } from "./judge.ts";
import { Model } from "./model.ts";
import { createNetwork, type Host, type Network } from "./network.ts";
import { ownClock } from "./own-clock.ts";
import { Recording } from "./record.ts";
import { Settings } from "./settings.ts";
import type { Store } from "./store.ts";
import { startZookeeperStore } from "./zookeeper-store.ts";

/** The context of a test or a command, which registers clean-up. */
export type Scope = Pick<TestContext, "after" | "signal">;

/** The environment that a fault needs. */
export interface Setting {
  readonly members: 1 | 3;
  /** The servers use TLS. The agents trust `world.settings.authority`. */
  readonly tls?: boolean;
  /** The agents authenticate as the user `app`, with the password in `world.settings.passwordFile`. */
  readonly login?: boolean;
  /** Added to the command line of each server. */
  readonly args?: readonly string[];
  /** The agents have a wall clock of their own, which `world.clockFile` controls. */
  readonly ownClock?: boolean;
}

/** The TTL of the entries of the agents, in milliseconds. */
export const ttlMs = 2000;

/** The expected state must last for this time, in milliseconds: longer than the TTL, after which a loss would show. */
const stableMs = ttlMs + 500;

/** A store, an agent that registers three instances of one service there, and a watcher that renders them. */
export interface World {
  readonly scope: Scope;
  readonly network: Network;
  readonly store: Store;
  readonly presence: Agent;
  readonly watcher: Agent;
  readonly model: Model;
  readonly recording: Recording;
  readonly settings: Settings;
  /** The file with the offset of the agents' wall clock: signed seconds. */
  readonly clockFile: string;
  /** The instance that `toggle` starts and stops. */
  readonly changing: App;
  /** The instances that are healthy all the time. */
  readonly stable: readonly App[];
  /** Starts another agent, which registers one instance. */
  register(host: Host, app: App): Promise<Agent>;
  /** Replaces the entry of another client by a new one. */
  change(): Promise<void>;
  /** Starts or stops the changing instance. */
  toggle(): Promise<void>;
  /** Resolves once keyspace and file have been in the expected state for longer than a TTL. */
  rest(limitMs: number): Promise<void>;
}

/** The passwords of the user of the agents and of the user with all permissions. */
export const passwords = { app: "app-password", root: "root-password" };

export async function startWorld(
  scope: Scope,
  kind: Store["kind"],
  setting: Setting,
): Promise<World> {
  const network = await createNetwork(scope);
  const [app, front] = [await network.host("app"), await network.host("front")];
  const store = await startStore(scope, network, kind, setting);
  const folder = await throwAwayFolder(scope);
  const password = setting.login ? passwords.app : undefined;
  const settings = await Settings.make(folder, store.url, store.certificates, password);
  const apps: App[] = [];
  for (const id of ["one", "two", "three"]) {
    apps.push(await App.start(scope, `/services/web/${id}`, network.address));
  }
  const [changing, ...stable] = apps;
  if (!changing) throw new Error("there is no instance");
  const model = new Model(apps);
  // Creates the folders for other clients: otherwise an agent with a login would create and own them.
  if (setting.login) await changeOthers(store, model);
  const clockFile = join(folder, "clock");
  await writeFile(clockFile, "+0");
  const env = setting.ownClock ? ownClock(clockFile) : {};
  const register = async (host: Host, name: string, registered: readonly App[]) =>
    startAgent(
      scope,
      host,
      ["presence", "-c", await settings.presence(name, ttlMs, registered)],
      env,
    );
  const shown = join(folder, "shown", "services.txt");
  const watch = ["watch", "-c", await settings.watch("watch", shown)];
  const recording = Recording.start(scope, store, "/services", shown);
  const world: World = {
    ...{ scope, network, store, settings, clockFile, model, recording, changing, stable },
    presence: await register(app, "presence", apps),
    watcher: startAgent(scope, front, watch, env),
    register: async (host, rival) => await register(host, `rival-${rival.port}`, [rival]),
    change: async () => await changeOthers(store, model),
    toggle: async () => (changing.isUp ? changing.down() : await changing.up()),
    rest: async (limitMs) => await atRest(recording, model, limitMs),
  };
  await world
    .rest(hangMs)
    .catch((error) => Promise.reject(new Error(`${error}\n${describe(world)}`)));
  return world;
}

/** Starts a store of either kind. */
export async function startStore(
  scope: Scope,
  network: Network,
  kind: Store["kind"],
  { members, tls = false, args = [] }: Setting,
): Promise<Store> {
  if (kind === "etcd") return await startEtcdStore(scope, network, { members, tls, args });
  return await startZookeeperStore(scope, network, { members, tls });
}

async function atRest(recording: Recording, model: Model, limitMs: number): Promise<void> {
  await promised(
    "keyspace and file are in the expected state",
    () => {
      const sinceMs = equalSince(recording, model.desired);
      return sinceMs !== undefined && performance.now() - sinceMs > stableMs;
    },
    limitMs + stableMs,
  );
}

/** Writes a new entry and removes the previous one. */
async function changeOthers(store: Store, model: Model): Promise<void> {
  const { key, value } = model.another();
  const before = [...model.others];
  model.others = new Map([...before, [key, value]]);
  await eventually("an entry is written", () => store.write(key, value).then(() => true));
  for (const [old] of before) {
    await eventually("an entry is removed", () => store.remove(old).then(() => true));
  }
  model.others = new Map([[key, value]]);
}

/** The state of all parts, for the message of a failure. */
export function describe({ presence, watcher, recording, model }: World): string {
  const lines = recording.file.at(-1)?.lines ?? [];
  const entries = recording.store.at(-1)?.entries ?? new Map();
  return [
    `expected: ${[...model.desired.keys()].join(" ")}`,
    `in the keyspace: ${[...entries.keys()].join(" ")}`,
    `in the file: ${[...lines].join(", ")}`,
    `presence: ${presence.output().slice(-3000)}`,
    `watcher: ${watcher.output().slice(-3000)}`,
  ].join("\n");
}
