import assert from "node:assert/strict";
import { test } from "node:test";
import { Cell } from "../../lib/base/cell.ts";
import { SharingMap } from "../../lib/base/sharing-map.ts";
import { never } from "../../lib/base/signal.ts";
import type { Container } from "../../lib/clients/docker/contract.ts";
import type { Discovered, QuarantinedItem } from "../../lib/discover/contract.ts";
import { newNetwork } from "../../lib/discover/docker/address.ts";
import {
  ContainerInstances,
  type ReadContainer,
} from "../../lib/discover/docker/container-instances.ts";
import { instancesOf } from "../../lib/discover/docker/instances.ts";
import { maxChecksPerContainer, minIntervalMs } from "../../lib/discover/docker/limits.ts";
import { schema } from "../../lib/discover/docker/schema.ts";
import { join } from "../../lib/discover/join.ts";
import { createStatic } from "../../lib/discover/static.ts";
import { type CheckConfig, createCheck } from "../../lib/health/kinds.ts";
import { readCheck, readLabelCheck } from "../../lib/health/read-check.ts";
import { decode } from "../../lib/model/decode.ts";
import { encode } from "../../lib/model/encode.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { seeded } from "../support/random.ts";
import { randomContainer, randomSettings } from "./labels.ts";

/** More by hand: FUZZ_COUNT=20000 FUZZ_SEED=7 node --test test/fuzz/labels.test.ts */
const seed = Number(process.env.FUZZ_SEED ?? 1);
const count = Number(process.env.FUZZ_COUNT ?? 400);

type Found = Discovered<CheckConfig>;

const hostAddresses = { ipv4: "192.0.2.1" };
const host = { hostName: "machine", hostAddresses, readCheck: readLabelCheck };

/** An instance of the configuration, with the name that hostile labels may claim. */
function configured(): Promise<Found> {
  const read = readCheck({ type: "tcp" });
  const checks = "check" in read ? [read.check] : [];
  const discovery = createStatic(
    new Cell([{ name: "web", id: "web", host: "10.0.0.1", port: 80, checks }]),
  );
  return first(discovery.discover(never));
}

async function first<T>(values: AsyncIterable<T>): Promise<T> {
  for await (const value of values) return value;
  throw new Error("there is no value");
}

/** Asserts that an item is reported with a reason. */
function assertReason({ what, why }: QuarantinedItem): void {
  assert.ok(what !== "" && why !== "", `${what}: ${why}`);
}

/** Asserts that every port is registered, quarantined or ignored, and that its checks are within the limits. */
function assertRead(
  container: Container,
  parts: readonly Found[],
  settings: ReturnType<typeof schema.parse>,
) {
  const keys = Object.keys({ ...container.labels, ...container.env });
  const mayIgnore = settings.explicit || keys.some((key) => /ignore/i.test(key));
  for (const { found, quarantined } of parts) {
    assert.ok(found.length <= 1);
    quarantined.forEach(assertReason);
    assert.ok(found.length + quarantined.length > 0 || mayIgnore, "a port was dropped silently");
  }
  const checks = parts.flatMap(({ found }) => found.flatMap((one) => one.checks));
  assert.ok(checks.length <= maxChecksPerContainer, `${checks.length} checks`);
  for (const check of checks) {
    assert.equal(check.ofLabels, true);
    assert.ok(check.interval >= minIntervalMs, `an interval of ${check.interval} ms`);
    assert.ok(check.type !== "exec" || settings.commands, "a command that was not allowed");
    createCheck(check, { host: "127.0.0.1", port: 1 }, { clock: new ManualClock() });
  }
}

/** Asserts that every reader of the keyspace accepts the entries, and that no two have the same key. */
function assertValid({ found }: Found): void {
  const known = new Set<string>();
  for (const { instance } of found) {
    const { service, id } = instance;
    const key = `/services/${service}/${id}`;
    assert.equal(Buffer.from(key).toString(), key, "the key is no valid text");
    assert.deepEqual(key.split("/").slice(2), [service, id]);
    assert.ok(!known.has(key), `${key} twice`);
    known.add(key);
    for (const format of ["json", "address"] as const) {
      const decoded = decode(
        { service, id },
        { key, value: encode(instance, format), revision: "1" },
      );
      assert.ok("endpoint" in decoded, `${key}: ${"why" in decoded ? decoded.why : ""}`);
    }
  }
}

async function attempt(random: () => number) {
  const settings = schema.parse(randomSettings(random));
  const read: ReadContainer<CheckConfig> = (container, addresses, network) =>
    instancesOf(container, settings, { ...host, hostAddresses: addresses }, network);
  const all = Array.from({ length: 1 + Math.floor(random() * 6) }, (_, i) =>
    randomContainer(`c${i}`, random),
  );
  for (const container of all)
    assertRead(container, [...read(container, hostAddresses, newNetwork)], settings);
  const after = async (
    before: ContainerInstances<CheckConfig>,
    containers: readonly Container[],
  ) => {
    const byId = SharingMap.of(containers.map((one) => [one.id, one]));
    return await before.after(byId, random() < 0.7 ? hostAddresses : {}, new ManualClock(), never);
  };
  const start = await after(new ContainerInstances(read), all);
  const changed = all.map((one) => (random() < 0.5 ? one : { ...randomContainer(one.id, random) }));
  const fixed = await configured();
  let tally = { found: 0, quarantined: 0 };
  for (const instances of [start, await after(start, changed)]) {
    const discovered = instances.discovered();
    assertValid(discovered);
    const joined = join([fixed, discovered]);
    assert.equal(joined.found[0], fixed.found[0], "the configured instance goes first");
    assertValid(joined);
    joined.quarantined.forEach(assertReason);
    tally = {
      found: tally.found + discovered.found.length,
      quarantined: tally.quarantined + joined.quarantined.length,
    };
  }
  return tally;
}

test(`any labels and variables of containers give valid instances or reasons: ${count} machines, seed ${seed}`, async () => {
  const sum = { found: 0, quarantined: 0 };
  for (let i = 0; i < count; i += 1) {
    try {
      const { found, quarantined } = await attempt(seeded(seed * 1_000_003 + i));
      sum.found += found;
      sum.quarantined += quarantined;
    } catch (error) {
      throw new Error(`FUZZ_SEED=${seed}: machine ${i} of ${count}`, { cause: error });
    }
  }
  assert.ok(sum.found > count && sum.quarantined > count, JSON.stringify(sum));
});
