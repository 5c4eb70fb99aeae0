import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type DockerEngine, image as tiny } from "../test/real/docker-engine.ts";
import { startEtcd } from "../test/real/etcd.ts";
import { buildSidekickImage } from "../test/real/images.ts";
import type { CleanupScope } from "../test/support/cleanup-scope.ts";
import { fetchOnce } from "../test/support/http.ts";
import { eventually, freePort } from "../test/support/process.ts";
import { type Memory, memory } from "./cost.ts";
import { post } from "./engine.ts";

export interface ImageFigures {
  readonly sizeMb: number;
  readonly baseMb: number;
  /** From the request to start a container of the image until /readyz answers 200, in milliseconds. */
  readonly readyMs: readonly number[];
  /** The floor: until Node.js answers by HTTP in the same image. */
  readonly bareMs: readonly number[];
  /** By the number of registered containers. */
  readonly memory: ReadonlyMap<number, Memory>;
}

/** The idle time before the memory is read, in milliseconds. */
const settleMs = 10_000;

/** Builds the image, starts it repeatedly, and registers first few and then many containers with it. */
export async function imageFigures(
  scope: CleanupScope,
  engine: DockerEngine,
  { starts, containers }: { readonly starts: number; readonly containers: readonly number[] },
): Promise<ImageFigures> {
  const { docker, socket, folder } = engine;
  const { image, base } = await buildSidekickImage(engine);
  const mbOf = async (name: string) =>
    Number(await docker("inspect", "--format={{.Size}}", name)) / 1e6;
  const etcd = await startEtcd(scope);
  const port = await freePort();
  await writeFile(
    join(folder, "sidekick.yaml"),
    `keyspace: ${etcd.url}
presence: { docker: { explicit: true, ip: 127.0.0.1 }, name: bench }
status: { listen: "127.0.0.1:${port}" }
`,
  );
  const make = (...args: string[]) =>
    docker(
      ...["create", "--network=host", "--user=root", "--no-healthcheck"],
      ...["-v", `${folder}/sidekick.yaml:/etc/sidekick/sidekick.yaml:ro`],
      ...["-v", `${socket}:/var/run/docker.sock`, ...args],
    );
  const begin = async (id: string): Promise<number> => {
    const startMs = performance.now();
    const [ready] = await Promise.all([
      eventually("it is ready", () => isReady(port)),
      post(socket, `/containers/${id}/start`),
    ]);
    return ready - startMs;
  };
  const bare = `require("http").createServer((_, to) => to.end()).listen(${port}, "127.0.0.1")`;
  const [readyMs, bareMs]: [number[], number[]] = [[], []];
  for (let i = 0; i < starts; i += 1) {
    for (const [id, figures] of [
      [await make(image), readyMs],
      [await make("--entrypoint=node", image, "-e", bare), bareMs],
    ] as const) {
      figures.push(await begin(id));
      await docker("rm", "-f", id);
    }
  }

  const id = await make(image);
  await begin(id);
  const pid = Number(await docker("inspect", "--format={{.State.Pid}}", id));
  const taken = new Map<number, Memory>();
  let running = 0;
  for (const count of containers) {
    for (; running < count; running += 1) await sleeper(docker, running);
    await eventually("all are registered", async () => {
      const { body } = await fetchOnce(`http://127.0.0.1:${port}/status`);
      const { presence } = JSON.parse(body) as {
        presence: { instances: { registered: boolean }[] };
      };
      return presence.instances.filter(({ registered }) => registered).length === count;
    });
    await delay(settleMs);
    taken.set(count, await memory(pid));
  }
  await docker("rm", "-f", id);
  return { sizeMb: await mbOf(image), baseMb: await mbOf(base), readyMs, bareMs, memory: taken };
}

/** The time at which it was ready, as of performance.now(). */
async function isReady(port: number): Promise<number | false> {
  const { status } = await fetchOnce(`http://127.0.0.1:${port}/readyz`);
  return status === 200 && performance.now();
}

/** Starts a container that only sleeps, with a label for a port of the host. */
async function sleeper(docker: DockerEngine["docker"], i: number): Promise<void> {
  const label = `sidekick.${20_000 + i}.name=web-${i % 10}`;
  const entry = ["--entrypoint=sleep", tiny, "1000000"];
  await docker("run", "-d", "--network=host", `--name=sleeper-${i}`, "--label", label, ...entry);
}
