import type { TestContext } from "node:test";
import type { TogetherPlan } from "../../../../lib/config/plan.ts";
import type { Change } from "../../../../lib/proxy/contract.ts";
import { eventually } from "../../../support/process.ts";
import { type WatchSceneOptions, watchScene } from "../scene.ts";

export type Scene = Awaited<ReturnType<typeof watchScene>>;

export const together: TogetherPlan = {
  ...{ group: "edge", max: { count: 1 }, holdMs: 60_000, settleMs: 5000, canary: false },
  otherwise: { waitMs: 120_000, isAlone: true },
};

/** Watchers of one keyspace that take turns, each with a proxy of its own that serves the first instance. */
export async function fleet(
  t: TestContext,
  count: number,
  plan: Partial<TogetherPlan> = {},
  options: WatchSceneOptions = {},
) {
  const scenes: Scene[] = [];
  for (let i = 1; i <= count; i += 1) {
    const [first] = scenes;
    const own = { plan: { together: { ...together, ...plan } }, id: `watcher.${i}` };
    scenes.push(await watchScene(t, { ...options, ...own, ...(first && { beside: first }) }));
  }
  const [first] = scenes;
  if (!first) throw new Error("a fleet has a watcher");
  const { clock, store } = first;
  for (const one of scenes) one.run();
  await first.register("web", "10.0.0.1:80");
  const isServed = (one: Scene, text: string) => one.proxy.attempts.at(-1)?.texts[0] === text;
  /** Advances the clock until something has come true. */
  const until = (event: string, isTrue: () => boolean, stepMs = 250) =>
    eventually(event, async () => {
      if (isTrue()) return true;
      await clock.advance(stepMs);
      return isTrue() || undefined;
    });
  await until("all serve", () => scenes.every((one) => isServed(one, "web: 10.0.0.1:80*1\n")));
  await until("no turn is left", () => scenes.every((one) => turnOf(one) === undefined));
  return { scenes, first, clock, store, isServed, until };
}

export function turnOf({ agent }: Scene): "waiting" | "held" | undefined {
  return agent.parts.groups[0]?.turn?.view?.state;
}

/** A proxy that can change the weights of its servers at run time, and no other part of its text. */
export function adjustingWeights({ files }: Change): boolean {
  return files.every(({ loaded, desired }) => withoutWeights(loaded) === withoutWeights(desired));
}

function withoutWeights(text: string | undefined): string | undefined {
  return text?.replaceAll(/\*\d+/g, "");
}
