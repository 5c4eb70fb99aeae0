import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { first } from "../../lib/base/signal.ts";
import type { World } from "../world.ts";
import { type Actor, Cast } from "./cast.ts";
import { Observed } from "./observed.ts";
import { type App, prepare } from "./scenery.ts";
import { Missed, Story } from "./story.ts";
import { traffic } from "./traffic.ts";

/**
 * Plays the main job on this machine: three applications, a sidekick on the embedded keyspace and, where
 * one is installed, a real proxy. Again and again until the signal aborts; with `once` to its end, and
 * the exit code says whether every step happened in time. Leaves nothing behind.
 */
export async function demo(
  { once }: { once: boolean },
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "sidekick-demo-"));
  try {
    await play(folder, once, world, signal);
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
  once: boolean,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const scene = await prepare(folder, world.env.PATH ?? "");
  world.out.write(`${folder}/sidekick.yaml:\n\n${scene.config.replace(/^(?=.)/gm, "    ")}\n`);
  const story = new Story(world.out.write, world.clock);
  const seen = new Observed(scene.target, story);
  await using cast = new Cast(folder, { ...world.env, ...scene.env });
  const enter = ({ name, port }: App) =>
    cast.start(name, [...world.self, "demo-app", String(port), name]);

  story.tell("three applications start, and a sidekick beside them");
  const running = new Map(scene.apps.map((app) => [app, enter(app)]));
  cast.start("sidekick", [...world.self, "run", "-c", "sidekick.yaml"], seen.heard);
  const all = scene.apps.length;
  await story.until("all three are found healthy", () => seen.up.size === all, signal);
  await story.until("all three are registered", () => seen.keys.size === all, signal);
  await story.until("the file lists all three", () => seen.upstream.length === all, signal);

  const acts = async (s: AbortSignal): Promise<void> => {
    const { proxy, apps } = scene;
    if (proxy) await story.until("requests reach all three", () => seen.servedBy(apps), s);
    for (let act = 1; ; act += 1) {
      const app = apps[act % all] as App;
      await loseAndRegain({ app, proxied: proxy !== undefined, running, enter, seen, story }, s);
      if (proxy) story.tell(seen.summary());
      if (once) return;
      await world.clock.sleep(3000, s);
    }
  };
  if (!scene.proxy) {
    story.tell("neither haproxy nor nginx is installed: the file is shown, and nobody serves it");
    return await acts(signal);
  }
  story.tell(`${scene.proxy.kind} starts with the file, and requests flow to ${scene.url}`);
  cast.start(scene.proxy.kind, scene.proxy.argv);
  await first(signal, acts, (s) => traffic(scene.url, seen.tally, story.saw, world.clock, s));
}

interface Act {
  readonly app: App;
  /** Whether a real proxy sends it requests. */
  readonly proxied: boolean;
  readonly running: Map<App, Actor>;
  readonly enter: (app: App) => Actor;
  readonly seen: Observed;
  readonly story: Story;
}

/** One application dies without a word, is missed, and comes back. */
async function loseAndRegain(
  { app, proxied, running, enter, seen, story }: Act,
  signal: AbortSignal,
): Promise<void> {
  const address = `127.0.0.1:${app.port}`;
  const key = `/services/web/${address}`;
  story.tell(`${app.name} is killed`);
  await running.get(app)?.kill();
  await story.until(`${app.name} is no longer registered`, () => !seen.keys.has(key), signal);
  await story.until(
    `the file no longer lists ${app.name}`,
    () => !seen.upstream.includes(address),
    signal,
  );
  story.tell(`${app.name} starts again`);
  running.set(app, enter(app));
  await story.until(`${app.name} is registered again`, () => seen.keys.has(key), signal);
  await story.until(
    `the file lists ${app.name} again`,
    () => seen.upstream.includes(address),
    signal,
  );
  if (!proxied) return;
  const before = seen.tally.served.get(app.name) ?? 0;
  const isServing = () => (seen.tally.served.get(app.name) ?? 0) > before;
  await story.until(`requests reach ${app.name} again`, isServing, signal);
}
