import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { Cell } from "../../lib/base/cell.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { type Running, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { following, opening } from "./keyspace.ts";
import { startSidekick } from "./sidekick.ts";

/** What a real etcd held at one moment: the weight of each instance, by the name of its container. */
export interface Announced {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly weights: ReadonlyMap<string, number>;
}

/** The built `sidekick presence`, which finds the containers of an engine. */
export interface Announcing {
  readonly agent: Running;
  /** The folder that it runs in; its configuration is `sidekick.yaml`. */
  readonly folder: string;
  /** Each state that etcd went through, the last one being what it holds. */
  readonly seen: readonly Announced[];
  /** Those that etcd holds and that take new requests, in order. */
  names(): readonly string[];
  /** The weights that one container had, one after the other; undefined where it was not there. */
  weightsOf(name: string): readonly (number | undefined)[];
}

/** Starts an etcd and an agent that announces what it finds there, until the test is over. */
export async function announcing(t: TestContext, presence: object): Promise<Announcing> {
  const etcd = await startEtcd(t);
  const folder = await throwAwayFolder(t);
  const seen: Announced[] = [{ atMs: Date.now(), weights: new Map() }];
  following(t, await opening(t, etcd.url), "/services", new Witness(seen));
  const config = { keyspace: etcd.url, log: "debug", presence };
  await writeFile(join(folder, "sidekick.yaml"), JSON.stringify(config));
  const agent = startSidekick(t, ["presence", "-c", "sidekick.yaml"], { cwd: folder });
  return {
    ...{ agent, folder, seen },
    names: () => {
      const now = [...(seen.at(-1)?.weights ?? [])];
      return now.flatMap(([name, weight]) => (weight > 0 ? [name] : [])).sort();
    },
    weightsOf: (name) => {
      const all = seen.map(({ weights }) => weights.get(name));
      return all.filter((weight, i) => i > 0 && weight !== all[i - 1]);
    },
  };
}

/** Writes down each snapshot that is put into it. */
class Witness extends Cell<Snapshot | undefined> {
  readonly #seen: Announced[];

  constructor(seen: Announced[]) {
    super(undefined);
    this.#seen = seen;
  }

  override set(snapshot: Snapshot): void {
    const weights = new Map<string, number>();
    for (const { value } of snapshot.chunks.flat()) {
      const { name, weight = 1 } = JSON.parse(value) as { name: string; weight?: number };
      if (weights.has(name)) throw new Error(`${name} is there twice`);
      weights.set(name, weight);
    }
    this.#seen.push({ atMs: Date.now(), weights });
    super.set(snapshot);
  }
}
