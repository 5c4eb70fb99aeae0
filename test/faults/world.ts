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

/** What is ended when a test, or a command, is over. */
export type Scope = Pick<TestContext, "after" | "signal">;

/** What a fault needs to be made in. */
export interface Setting {
  readonly members: 1 | 3;
  /** The servers are reached over TLS; the agents trust `world.settings.authority`. */
  readonly tls?: boolean;
  /** The agents log in as the user `app`, with the password in `world.settings.passwordFile`. */
  readonly login?: boolean;
  /** More for the command line of each server. */
  readonly args?: readonly string[];
  /** The agents have a clock of their own, which shows the time of `world.clockFile`. */
  readonly ownClock?: boolean;
}

/** How long entries outlive their agent, in milliseconds. */
export const ttlMs = 2000;

/** Equal for so long is at rest: longer than the time to live, after which what is lost would show. */
const steadyMs = ttlMs + 500;

/** A registry, an agent that announces three instances of one service in it, and a watcher that shows it. */
export interface World {
  readonly scope: Scope;
  readonly network: Network;
  readonly store: Store;
  readonly presence: Agent;
  readonly watcher: Agent;
  readonly model: Model;
  readonly recording: Recording;
  readonly settings: Settings;
  /** The file with the seconds, signed, by which the agents' clock is wrong. */
  readonly clockFile: string;
  /** An instance that comes and goes with the faults; the others are well all the time. */
  readonly changing: App;
  readonly steady: readonly App[];
  /** Starts another agent, which announces one instance. */
  announce(host: Host, app: App): Promise<Agent>;
  /** An entry of somebody else's comes, and the one from before goes. */
  change(): Promise<void>;
  /** The instance that comes and goes, comes or goes. */
  toggle(): Promise<void>;
  /** Resolves once registry and file have been what they should be for longer than a time to live. */
  rest(limitMs: number): Promise<void>;
}

/** The user that the agents log in as, and the one who may do everything. */
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
  const [changing, ...steady] = apps;
  if (!changing) throw new Error("there is no instance");
  const model = new Model(apps);
  // Makes the folders that others write to: they would be the agent's own where it logs in.
  if (setting.login) await changeOthers(store, model);
  const clockFile = join(folder, "clock");
  await writeFile(clockFile, "+0");
  const env = setting.ownClock ? ownClock(clockFile) : {};
  const announce = async (host: Host, name: string, announced: readonly App[]) =>
    startAgent(
      scope,
      host,
      ["presence", "-c", await settings.presence(name, ttlMs, announced)],
      env,
    );
  const shown = join(folder, "shown", "services.txt");
  const watch = ["watch", "-c", await settings.watch("watch", shown)];
  const recording = Recording.start(scope, store, "/services", shown);
  const world: World = {
    ...{ scope, network, store, settings, clockFile, model, recording, changing, steady },
    presence: await announce(app, "presence", apps),
    watcher: startAgent(scope, front, watch, env),
    announce: async (host, rival) => await announce(host, `rival-${rival.port}`, [rival]),
    change: async () => await changeOthers(store, model),
    toggle: async () => (changing.isUp ? changing.down() : await changing.up()),
    rest: async (limitMs) => await atRest(recording, model, limitMs),
  };
  await world.rest(hangMs).catch((error) => Promise.reject(new Error(`${error}\n${told(world)}`)));
  return world;
}

/** A store of either kind. */
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
    "registry and file are what they should be",
    () => {
      const sinceMs = equalSince(recording, model.wanted);
      return sinceMs !== undefined && performance.now() - sinceMs > steadyMs;
    },
    limitMs + steadyMs,
  );
}

/** Writes one entry that is new, and removes the one before. */
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

/** How things stand, for whoever has to find out why. */
export function told({ presence, watcher, recording, model }: World): string {
  const shown = recording.shown.at(-1)?.lines ?? [];
  const held = recording.held.at(-1)?.held ?? new Map();
  return [
    `wanted: ${[...model.wanted.keys()].join(" ")}`,
    `held: ${[...held.keys()].join(" ")}`,
    `shown: ${[...shown].join(", ")}`,
    `presence: ${presence.output().slice(-3000)}`,
    `watcher: ${watcher.output().slice(-3000)}`,
  ].join("\n");
}
