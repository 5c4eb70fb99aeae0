import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { race } from "../../lib/base/signal.ts";
import type { World } from "../world.ts";
import { Observed } from "./observed.ts";
import { DemoProcesses } from "./processes.ts";
import { type ProxyChoice, prepare, type Setup } from "./setup.ts";
import { type DemoApp, startApp } from "./start-app.ts";
import { DemoFailure, Timeline } from "./timeline.ts";
import { traffic } from "./traffic.ts";

export interface DemoOptions {
  /** Run it once, to its end. */
  readonly once: boolean;
  readonly proxy?: ProxyChoice | undefined;
}

const names = ["app-1", "app-2", "app-3"];

/** How long the demo waits before the next instance fails, in milliseconds. */
const pauseMs = 3000;

/**
 * Shows registration and rendering on this machine: three applications, a sidekick on the embedded keyspace and, where
 * one is installed, a real proxy. Repeats until the signal aborts; with `once` it ends after one failure and recovery.
 * Returns 1 if it fails. Ends all its processes and deletes its folder.
 */
export async function demo(
  options: DemoOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "sidekick-demo-"));
  try {
    await runDemo(folder, options, world, signal);
    return 0;
  } catch (error) {
    if (signal.aborted) return 0;
    if (!(error instanceof DemoFailure)) throw error;
    world.out.write(`\n✖ ${error.message}\n`);
    return 1;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function runDemo(
  folder: string,
  { once, proxy: choice }: DemoOptions,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const timeline = new Timeline(world.out.write, world.clock);
  await using processes = new DemoProcesses(folder, world.env);
  timeline.print("three applications start");
  const apps = await Promise.all(names.map((name) => startApp(name, processes, world, signal)));
  const setup = await prepare(folder, apps, world.env.PATH ?? "", choice);
  timeline.print(`a sidekick starts beside them, with this ${folder}/sidekick.yaml:`);
  world.out.write(`\n${setup.config.replace(/^(?=.)/gm, "    ")}\n`);
  const observed = new Observed(setup.target, timeline);
  const agent = [...world.self, "run", "-c", "sidekick.yaml"];
  const sidekick = processes.start(agent, observed.onLogLine, setup.env);
  const scene = { apps, setup, observed, timeline };
  try {
    await play(scene, { once, proxy: choice }, processes, world, signal);
  } finally {
    // While the applications and the proxy still run: so it ends in order.
    timeline.print("the demo ends: the sidekick drains its instances, then everything is stopped");
    await sidekick.stop();
  }
}

/** All are listed, then one application after the other fails, while requests are sent if there is a proxy. */
async function play(
  scene: Scene,
  { once, proxy: choice }: DemoOptions,
  processes: DemoProcesses,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const { setup, observed, timeline } = scene;
  await untilAllListed(scene, signal);
  const failures = (s: AbortSignal) => repeatFailures(scene, once, world, s);
  if (!setup.proxy) {
    if (!choice) timeline.print("neither haproxy nor nginx is installed");
    timeline.print("the file is rendered, and no proxy reads it");
    return await failures(signal);
  }
  const { kind, argv } = setup.proxy;
  timeline.print(`${kind} starts with the file, and requests are sent to ${setup.url}`);
  processes.start(argv, () => {});
  const requests = (s: AbortSignal) =>
    traffic(setup.url, observed.requests, timeline.changed, world.clock, s);
  await race(signal, failures, requests);
}

interface Scene {
  readonly apps: readonly DemoApp[];
  readonly setup: Setup;
  readonly observed: Observed;
  readonly timeline: Timeline;
}

async function untilAllListed({ observed, timeline }: Scene, signal: AbortSignal): Promise<void> {
  await timeline.step("all three are healthy", () => observed.healthy.size === 3, signal);
  await timeline.step("all three are registered", () => observed.keys.size === 3, signal);
  await timeline.step("the file lists all three", () => observed.upstream.length === 3, signal);
}

/** Kills and restarts one application after the other: with `once` only the first, else until the signal aborts. */
async function repeatFailures(
  scene: Scene,
  once: boolean,
  { clock }: World,
  signal: AbortSignal,
): Promise<void> {
  const { apps, setup, observed, timeline } = scene;
  const { proxy } = setup;
  const isServed = () => observed.hasServed(...names);
  if (proxy) await timeline.step("requests reach all three", isServed, signal);
  for (let round = 1; ; round += 1) {
    await killAndRestart(apps[round % apps.length] as DemoApp, scene, signal);
    if (proxy) timeline.print(observed.summary());
    if (once) return;
    await clock.sleep(pauseMs, signal);
  }
}

/** Kills an application without notice, and starts it again once it is deregistered and no longer listed. */
async function killAndRestart(
  app: DemoApp,
  { setup, observed, timeline }: Scene,
  signal: AbortSignal,
): Promise<void> {
  const address = `127.0.0.1:${app.port}`;
  const isRegistered = () => observed.keys.has(`/services/web/${address}`);
  const isListed = () => observed.upstream.includes(address);
  const served = () => observed.requests.served.get(app.name) ?? 0;

  timeline.print(`${app.name} is killed`);
  await app.kill();
  await timeline.step(`${app.name} is deregistered`, () => !isRegistered(), signal);
  await timeline.step(`the file no longer lists ${app.name}`, () => !isListed(), signal);
  await app.restart();
  timeline.print(`${app.name} has started again`);
  await timeline.step(`${app.name} is registered again`, isRegistered, signal);
  await timeline.step(`the file lists ${app.name} again`, isListed, signal);
  if (!setup.proxy) return;
  const before = served();
  await timeline.step(`requests reach ${app.name}`, () => served() > before, signal);
}
