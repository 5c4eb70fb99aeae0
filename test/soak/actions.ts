import { setTimeout as delay } from "node:timers/promises";
import type { Member, Store } from "../faults/store.ts";
import { oneOf } from "../support/random.ts";
import type { Front, Machine } from "./fleet.ts";

/** The parts of the scene that actions affect. */
export interface Stage {
  readonly store: Store;
  readonly machines: readonly Machine[];
  readonly fronts: readonly Front[];
  readonly random: () => number;
}

export interface Action {
  readonly name: string;
  /** How often it is chosen, relative to the others. */
  readonly weight: number;
  run(stage: Stage): Promise<void>;
}

/** Everyday actions of applications and agents. */
export const everyday: readonly Action[] = [
  {
    name: "an instance stops or starts",
    weight: 12,
    async run({ machines, random }) {
      const app = oneOf(oneOf(machines, random).apps, random);
      if (app.isUp) app.down();
      else await app.up();
    },
  },
  {
    name: "an agent shuts down or starts",
    weight: 4,
    async run({ machines, random }) {
      const machine = oneOf(machines, random);
      if (machine.isFrozen) return;
      if (machine.isRunning) await machine.stop("SIGTERM");
      else machine.start();
    },
  },
  {
    name: "an agent is killed, and sometimes restarted at once",
    weight: 3,
    async run({ machines, random }) {
      const machine = oneOf(machines, random);
      if (machine.isFrozen || !machine.isRunning) return;
      await machine.stop("SIGKILL");
      if (random() < 0.5) machine.start();
    },
  },
  {
    name: "an agent is frozen or resumed",
    weight: 2,
    async run({ machines, random }) {
      const machine = oneOf(machines, random);
      if (!machine.isRunning) return;
      if (machine.isFrozen) await machine.resume();
      else await machine.freeze();
    },
  },
  {
    name: "a watcher is restarted",
    weight: 1,
    async run({ fronts, random }) {
      await oneOf(fronts, random).restart(random() < 0.5 ? "SIGKILL" : "SIGTERM");
    },
  },
];

/** Faults of servers: injected, kept for a while, and ended before the next one. */
export const serverFaults: readonly Action[] = [
  {
    name: "a server is killed",
    weight: 3,
    async run(stage) {
      await down([oneOf(stage.store.members, stage.random)], stage);
    },
  },
  {
    name: "the leader is killed",
    weight: 3,
    async run(stage) {
      await down([await stage.store.leader()], stage);
    },
  },
  {
    name: "two servers are killed",
    weight: 1,
    async run(stage) {
      const spared = oneOf(stage.store.members, stage.random);
      await down(others(spared, stage), stage);
    },
  },
  {
    name: "a server is frozen",
    weight: 2,
    async run(stage) {
      const member = oneOf(stage.store.members, stage.random);
      member.freeze();
      await aWhile(stage);
      member.thaw();
    },
  },
  {
    name: "a server is cut off from the others",
    weight: 3,
    async run(stage) {
      const member = oneOf(stage.store.members, stage.random);
      await member.host.cutOff(others(member, stage).map(({ host }) => host));
      await aWhile(stage);
      await member.host.restore();
    },
  },
  {
    name: "a server is cut off from some agents",
    weight: 3,
    async run(stage) {
      const { machines, fronts, random } = stage;
      const member = oneOf(stage.store.members, random);
      await member.host.cutOff([oneOf(machines, random).host, oneOf(fronts, random).host]);
      await aWhile(stage);
      await member.host.restore();
    },
  },
  {
    name: "an agent's machine is cut off from all servers",
    weight: 2,
    async run(stage) {
      const { machines, fronts, random, store } = stage;
      const { host } = oneOf<Machine | Front>([...machines, ...fronts], random);
      await host.cutOff(store.members.map((member) => member.host));
      await aWhile(stage);
      await host.restore();
    },
  },
];

/** A random action, by weight. */
export function chosen(actions: readonly Action[], random: () => number): Action {
  return oneOf(
    actions.flatMap((action) => Array.from({ length: action.weight }, () => action)),
    random,
  );
}

async function down(members: readonly Member[], stage: Stage): Promise<void> {
  await Promise.all(members.map((member) => member.kill()));
  await aWhile(stage);
  await Promise.all(members.map((member) => member.restart()));
}

function others(one: Member, { store }: Stage): readonly Member[] {
  return store.members.filter((member) => member !== one);
}

async function aWhile({ random }: Stage): Promise<void> {
  await delay(500 + random() * 7500);
}
