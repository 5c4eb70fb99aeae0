import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { abortable, race } from "../../lib/base/signal.ts";
import type { World } from "../world.ts";
import { type Actor, Cast } from "./cast.ts";
import { Observed } from "./observed.ts";
import { type Choice, prepare } from "./scenery.ts";
import { Missed, Story } from "./story.ts";
import { traffic } from "./traffic.ts";

export interface DemoOptions {
  /** Play the scene once, to its end. */
  readonly once: boolean;
  readonly proxy?: Choice | undefined;
}

/**
 * Plays the main job on this machine: three applications, a sidekick on the embedded keyspace and, where
 * one is installed, a real proxy. Again and again until the signal aborts; with `once` to its end, and
 * the exit code says whether every step happened in time. Leaves nothing behind.
 */
export async function demo(
  options: DemoOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "sidekick-demo-"));
  try {
    await play(folder, options, world, signal);
    return 0;
  } catch (error) {
    if (signal.aborted) return 0;
    if (!(error instanceof Missed)) throw error;
    world.out.write(`\n✖ ${error.message}\n`);
    return 1;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function play(
  folder: string,
  { once, proxy: choice }: DemoOptions,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const story = new Story(world.out.write, world.clock);
  await using cast = new Cast(folder, world.env);
  story.tell("three applications start");
  const names = ["app-1", "app-2", "app-3"];
  const apps = await Promise.all(names.map((name) => enter(name, 0, cast, world, signal)));
  const scene = await prepare(folder, apps, world.env.PATH ?? "", choice);
  story.tell(`a sidekick starts beside them, with this ${folder}/sidekick.yaml:`);
  world.out.write(`\n${scene.config.replace(/^(?=.)/gm, "    ")}\n`);
  const seen = new Observed(scene.target, story);
  cast.start([...world.self, "run", "-c", "sidekick.yaml"], seen.heard, scene.env);
  await story.until("all three are found healthy", () => seen.up.size === 3, signal);
  await story.until("all three are registered", () => seen.keys.size === 3, signal);
  await story.until("the file lists all three", () => seen.upstream.length === 3, signal);

  const acts = async (s: AbortSignal): Promise<void> => {
    const { proxy } = scene;
    if (proxy) await story.until("requests reach all three", () => seen.servedBy(...names), s);
    for (let act = 1; ; act += 1) {
      const app = apps[act % apps.length] as App;
      await loseAndRegain(app, { seen, story, proxied: proxy !== undefined }, s);
      if (proxy) story.tell(seen.summary());
      if (once) return;
      await world.clock.sleep(3000, s);
    }
  };
  if (!scene.proxy) {
    if (!choice) story.tell("neither haproxy nor nginx is installed");
    story.tell("the file is shown, and nobody serves it");
    return await acts(signal);
  }
  const { kind, argv } = scene.proxy;
  story.tell(`${kind} starts with the file, and requests flow to ${scene.url}`);
  cast.start(argv, () => {});
  await race(signal, acts, (s) => traffic(scene.url, seen.tally, story.saw, world.clock, s));
}

/** An application of the demo, on 127.0.0.1. */
interface App {
  readonly name: string;
  readonly port: number;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** Starts an application in a process of its own, and waits until it listens. */
async function enter(
  name: string,
  port: number,
  cast: Cast,
  world: World,
  signal: AbortSignal,
): Promise<App> {
  const begin = async (at: number): Promise<{ actor: Actor; port: number }> => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const actor = cast.start([...world.self, "demo-app", name, String(at)], resolve);
    const line = await abortable(promise, signal);
    if (!/^\d+$/.test(line)) throw new Missed(`${name} does not start: ${line}`);
    return { actor, port: Number(line) };
  };
  let running = await begin(port);
  return {
    name,
    port: running.port,
    kill: () => running.actor.kill(),
    restart: async () => {
      running = await begin(running.port);
    },
  };
}

interface Audience {
  readonly seen: Observed;
  readonly story: Story;
  /** Whether a real proxy sends requests. */
  readonly proxied: boolean;
}

/** One application dies without a word, is missed, and comes back. */
async function loseAndRegain(
  app: App,
  { seen, story, proxied }: Audience,
  signal: AbortSignal,
): Promise<void> {
  const address = `127.0.0.1:${app.port}`;
  const isKey = () => seen.keys.has(`/services/web/${address}`);
  const isListed = () => seen.upstream.includes(address);
  const served = () => seen.tally.served.get(app.name) ?? 0;

  story.tell(`${app.name} is killed`);
  await app.kill();
  await story.until(`${app.name} is no longer registered`, () => !isKey(), signal);
  await story.until(`the file no longer lists ${app.name}`, () => !isListed(), signal);
  await app.restart();
  story.tell(`${app.name} has started again`);
  await story.until(`${app.name} is registered again`, isKey, signal);
  await story.until(`the file lists ${app.name} again`, isListed, signal);
  const before = served();
  if (proxied) await story.until(`requests reach ${app.name}`, () => served() > before, signal);
}
