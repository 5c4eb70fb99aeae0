import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../lib/base/fault.ts";
import type { Entry } from "../../lib/model/entry.ts";
import { Snapshot } from "../../lib/model/snapshot.ts";
import type { Template } from "../../lib/render/contract.ts";
import { compile } from "../../lib/render/engine/engine.ts";
import { kinds } from "../../lib/render/escape/kinds.ts";
import { helpers } from "../../lib/render/helpers/all.ts";
import { TemplateKeys } from "../../lib/render/keys.ts";
import { renderOmitting } from "../../lib/render/omit.ts";
import { Prefixes } from "../../lib/render/prefixes.ts";
import { emptyPools, pools } from "../../lib/view/pools.ts";
import { oneOf, seeded } from "../support/random.ts";
import { randomJson, randomTemplate } from "./templates.ts";

/** More by hand: FUZZ_COUNT=100000 FUZZ_SEED=7 node --test test/fuzz/templates.test.ts */
const seed = Number(process.env.FUZZ_SEED ?? 1);
const count = Number(process.env.FUZZ_COUNT ?? 800);

type Random = () => number;

function randomSnapshot(random: Random): Snapshot {
  const entries = new Map<string, Entry>();
  const put = (key: string, value: string) => entries.set(key, { key, value, revision: "1" });
  for (const id of ["1", "2", "3", "a b"]) {
    const json = JSON.stringify(randomJson(random));
    put(`/j/${id}`, random() < 0.2 ? json.slice(0, -1) : json);
  }
  for (let i = 0; i < 3; i += 1) {
    const host = `10.0.0.${Math.floor(random() * 3)}`;
    const labels = { a: String(randomJson(random, 0)) };
    put(
      `/services/${oneOf(["web", "x"], random)}/${i}`,
      JSON.stringify({ host, port: 80, labels }),
    );
  }
  return Snapshot.empty.after({ kind: "reset", revision: "1", entries });
}

/** Renders a template for one snapshot after another, as a watcher does. */
function renderer(template: Template, isolates: boolean) {
  const keys = new TemplateKeys(new Prefixes([""]));
  let seen = emptyPools("/services");
  return (snapshot: Snapshot): string => {
    seen = pools(seen, snapshot);
    keys.see(snapshot);
    const context = {
      ...{ keys, services: [...seen.byName.values()], env: () => undefined, now: new Date(0) },
      lookups: { ip: () => ["10.0.0.1"], srv: () => [] },
    };
    if (!isolates) return template.render(context);
    const { text, quarantined } = renderOmitting(template, context, {
      snapshot,
      prefixes: new Prefixes([""]),
    });
    return [text, ...quarantined.map(({ key, why }) => `${key} ${why}`)].join("\n");
  };
}

/** The result of `work`, or the RENDER_ fault that it throws. Any other error ends a process, and fails the test. */
function outcome<T>(work: () => T): T | Fault {
  try {
    return work();
  } catch (error) {
    assert.ok(error instanceof Fault, error as Error);
    assert.match(error.code, /^RENDER_/);
    assert.match(error.message, /^(t\.hbs|partials\/.\.hbs):\d+:\d+: ./);
    return error;
  }
}

function attempt(random: Random): "rejected" | "failed" | "rendered" {
  const source = (name: string) => ({ name, text: randomTemplate(random) });
  const sources = {
    main: source("t.hbs"),
    partials: new Map([
      ["p", source("partials/p.hbs")],
      ["q", source("partials/q.hbs")],
    ]),
  };
  const name = oneOf(Object.keys(kinds) as (keyof typeof kinds)[], random);
  const fresh = () => compile(sources, { name, escape: kinds[name] }, helpers);
  const snapshots = [randomSnapshot(random), randomSnapshot(random)];
  const template = outcome(fresh);
  if (template instanceof Fault) return "rejected";
  const isolates = random() < 0.5;
  const render = renderer(template, isolates);
  let result: string | Fault = "";
  for (const snapshot of [...snapshots, ...snapshots]) result = outcome(() => render(snapshot));
  const expected = outcome(() => renderer(fresh(), isolates)(snapshots.at(-1) ?? Snapshot.empty));
  assert.equal(String(result), String(expected), "reused text differs");
  return result instanceof Fault ? "failed" : "rendered";
}

test(`any template with any JSON gives a text or a RENDER_ fault with its place: ${count} of them, seed ${seed}`, () => {
  const tally = { rejected: 0, failed: 0, rendered: 0 };
  for (let i = 0; i < count; i += 1) {
    try {
      tally[attempt(seeded(seed * 1_000_003 + i))] += 1;
    } catch (error) {
      throw new Error(`FUZZ_SEED=${seed}: template ${i} of ${count}`, { cause: error });
    }
  }
  for (const [kind, found] of Object.entries(tally)) {
    assert.ok(found > count / 20, `only ${found} of ${count} templates were ${kind}`);
  }
});
