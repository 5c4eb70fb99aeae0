import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { loadNerve } from "../../../../../lib/config/compat/nerve/load.ts";
import type { Plan, ServicePlan } from "../../../../../lib/config/plan.ts";
import { instanceOf } from "../../../../../lib/discover/static.ts";
import { createCheck } from "../../../../../lib/health/kinds.ts";
import { encode } from "../../../../../lib/model/encode.ts";
import { storePathOf } from "../../../../../lib/model/entry-form.ts";
import { placesOf } from "../../../../../lib/presence/places.ts";
import { ManualClock } from "../../../../support/manual-clock.ts";

const folder = join(import.meta.dirname, "published");
const files = (await readdir(folder)).filter((name) => /\.(json|yaml)$/.test(name));

/** Describes the registered entries, and the checks that decide about them. */
function described(plan: Plan): string {
  const { keyspace, mounts = {}, presence } = plan;
  assert.ok(presence);
  const places = placesOf(presence);
  const lines = [
    `keyspace ${keyspace.url}`,
    ...Object.entries(mounts).map(([at, { url }]) => `mount ${at} ${url}`),
    ...(presence.heartbeat === undefined ? [] : [`heartbeat ${presence.heartbeat}`]),
    ...presence.services.flatMap((service) => entryLines(service, places)),
  ];
  return `${lines.join("\n")}\n`;
}

function entryLines(service: ServicePlan, places: ReturnType<typeof placesOf>): readonly string[] {
  const instance = instanceOf(service);
  const value = encode(instance, "nerve");
  const key = places.keyOf(`${instance.service}/${instance.id}`);
  const { isNumbered = false, isPersistent = false } = service.form ?? {};
  const kind = `${isPersistent ? "persistent" : "session"}${isNumbered ? ", numbered" : ""}`;
  const checks = service.checks.map((check) => {
    const { title } = createCheck(check, instance, { clock: new ManualClock() });
    const { interval, timeout, rise, fall } = check;
    return `  ${title} every ${interval} ms within ${timeout} ms, rise ${rise}, fall ${fall}`;
  });
  return [`${storePathOf(key, value, service.form ?? {})} (${kind})`, `  ${value}`, ...checks];
}

for (const file of files) {
  test(`a configuration of Nerve as people publish them is registered as Nerve does: ${file}`, async () => {
    const { plan, warnings } = await loadNerve(join(folder, file), { log: "info" });
    const notes = warnings.map((line) => `${line.replace(`${folder}/`, "")}\n`);
    const found = described(plan) + notes.join("");
    const recorded = join(folder, `${file}.expected`);
    if (process.env.RECORD === "1") await writeFile(recorded, found);
    assert.equal(found, await readFile(recorded, "utf8"));
  });
}
