import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { Cell } from "../../lib/base/cell.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { type Running, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { following, opening } from "./keyspace.ts";
import { startSidekick } from "./sidekick.ts";

/** The instances in a real etcd at one moment: their weights, by the name of the container. */
export interface RecordedState {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly weights: ReadonlyMap<string, number>;
  /** Their addresses, `host:port`. */
  readonly addresses: ReadonlyMap<string, string>;
}

/** A built `sidekick presence` that discovers the containers of an engine, and the recorded states of its etcd. */
export interface RecordedPresence {
  readonly agent: Running;
  /** Its working directory. The configuration is `sidekick.yaml`. */
  readonly folder: string;
  /** All states of etcd so far, in order. */
  readonly seen: readonly RecordedState[];
  /** The names of the registered containers that are not draining, sorted. */
  names(): readonly string[];
  /** The successive weights of one container; undefined while it was not registered. */
  weightsOf(name: string): readonly (number | undefined)[];
  /** The successive addresses of one container. */
  registered(name: string): readonly string[];
}

/** Starts an etcd and a presence agent that registers instances there, until the end of the test. */
export async function startRecordedPresence(
  t: TestContext,
  presence: object,
): Promise<RecordedPresence> {
  const etcd = await startEtcd(t);
  const folder = await throwAwayFolder(t);
  const seen: RecordedState[] = [{ atMs: Date.now(), weights: new Map(), addresses: new Map() }];
  following(t, await opening(t, etcd.url), "/services", new RecordingCell(seen));
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
    registered: (name) => [...new Set(seen.flatMap(({ addresses }) => addresses.get(name) ?? []))],
  };
}

interface RegisteredContainer {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly weight?: number;
}

/** Records each snapshot that it is set to. */
class RecordingCell extends Cell<Snapshot | undefined> {
  readonly #seen: RecordedState[];

  constructor(seen: RecordedState[]) {
    super(undefined);
    this.#seen = seen;
  }

  override set(snapshot: Snapshot): void {
    const weights = new Map<string, number>();
    const addresses = new Map<string, string>();
    for (const { value } of snapshot.chunks.flat()) {
      const { name, host, port, weight = 1 } = JSON.parse(value) as RegisteredContainer;
      if (weights.has(name)) throw new Error(`${name} is registered twice`);
      weights.set(name, weight);
      addresses.set(name, `${host}:${port}`);
    }
    this.#seen.push({ atMs: Date.now(), weights, addresses });
    super.set(snapshot);
  }
}
