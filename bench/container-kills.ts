import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type DockerEngine, image } from "../test/real/docker-engine.ts";
import { startEtcd } from "../test/real/etcd.ts";
import { main } from "../test/real/sidekick.ts";
import type { CleanupScope } from "../test/support/cleanup-scope.ts";
import { eventually, start } from "../test/support/process.ts";
import { deaths, post } from "./engine.ts";
import { followKeys } from "./followed-keys.ts";

/** Milliseconds since a container was killed, one figure for each kill. */
export interface KillFigures {
  /** Until the engine reported it: the floor. */
  readonly engine: readonly number[];
  /** Until its key was removed: by an agent that follows the engine, and by one that checks the application. */
  readonly byEvent: readonly number[];
  readonly byCheck: readonly number[];
}

/** The time between two kills, in milliseconds: not a multiple of the interval of a check. */
const paceMs = 370;

/** The check of the application, with its default settings. */
const check = { type: "tcp", interval: "1s", timeout: "500ms", fall: 3 };

/** Kills containers one after the other, which two agents have registered, one by events and one by checks. */
export async function killToGone(
  scope: CleanupScope,
  { docker, socket, folder }: DockerEngine,
  count: number,
): Promise<KillFigures> {
  const etcd = await startEtcd(scope);
  const containers = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const name = `kill-${i}`;
      const label = "--label=sidekick.name=web";
      const id = await docker("run", "-d", `--name=${name}`, "--network=tests", label, image);
      const format = "--format={{.NetworkSettings.Networks.tests.IPAddress}}";
      return { id, name, host: await docker("inspect", format, name) };
    }),
  );
  const agents = {
    "by-event": { docker: { socket, address: "container", explicit: true } },
    "by-check": {
      services: containers.map(({ name, host }) => ({
        ...{ name: "web", id: `by-check:${name}:8080`, host, port: 8080, checks: [check] },
      })),
    },
  };
  for (const [name, presence] of Object.entries(agents)) {
    const file = join(folder, `${name}.json`);
    const config = { keyspace: etcd.url, presence: { ...presence, name, prefix: `/${name}` } };
    await writeFile(file, JSON.stringify(config));
    start(scope, [...main, "presence", "-c", file]);
  }
  const folders = Object.keys(agents).map((name) => `/${name}`);
  const { present, gone } = await followKeys(scope, etcd.url, folders);
  await eventually("all are registered", () => present.size === count * folders.length, 30_000);
  const died = await deaths(socket, scope);
  const killed = new Map<string, number>();
  for (const { id } of containers) {
    killed.set(id, performance.now());
    await post(socket, `/containers/${id}/kill?signal=KILL`);
    await delay(paceMs);
  }
  await eventually("all keys are gone", () => gone.size === 2 * count, 30_000);
  const since = (id: string, atMs = Number.NaN) => atMs - (killed.get(id) ?? Number.NaN);
  const keyOf = (how: string, name: string) => `/${how}/web/${how}:${name}:8080`;
  return {
    engine: containers.map(({ id }) => since(id, died.get(id))),
    byEvent: containers.map(({ id, name }) => since(id, gone.get(keyOf("by-event", name)))),
    byCheck: containers.map(({ id, name }) => since(id, gone.get(keyOf("by-check", name)))),
  };
}
