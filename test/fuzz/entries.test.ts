import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openGroups } from "../../agents/watch/groups.ts";
import { applyIsolatingBadEntries } from "../../agents/watch/isolate.ts";
import { systemClock } from "../../lib/base/clock.ts";
import { never } from "../../lib/base/signal.ts";
import type { Entry } from "../../lib/model/entry.ts";
import { Snapshot } from "../../lib/model/snapshot.ts";
import { unlimited } from "../../lib/view/limits.ts";
import { Views } from "../../lib/view/views.ts";
import { throwAwayFolder } from "../support/process.ts";
import { seeded } from "../support/random.ts";
import { RecordingLog } from "../support/recording-log.ts";
import { root } from "../support/sources.ts";
import { goodEntry, hostileEntry, injected, type RandomEntry } from "./entries.ts";

/** More by hand: FUZZ_COUNT=500 FUZZ_SEED=7 node --test test/fuzz/entries.test.ts */
const seed = Number(process.env.FUZZ_SEED ?? 1);
const count = Number(process.env.FUZZ_COUNT ?? 8);

const haproxy = ["haproxy", "-c", "-f", "{candidate}"];
const nginx = ["nginx", "-t", "-q", "-c", "{candidate}"];
/** Without a message, so that entries have to be found by trying sets of them. */
const silent = (argv: readonly string[]) => ["sh", "-c", '"$0" "$@" >/dev/null 2>&1', ...argv];

/** Templates that put values where they do harm, and how they are checked. */
const templates: Readonly<Record<string, { readonly text?: string; readonly run: string[] }>> = {
  "haproxy.cfg.hbs": { run: haproxy },
  "nginx.conf.hbs": { run: nginx },
  "nginx-stream.conf.hbs": { run: nginx },
  "options.cfg.hbs": {
    text: `defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend all
  bind 127.0.0.1:1
{{#each services}}
backend b{{@index}}
{{#each instances}}
  server s{{@index}} {{address}} weight {{weight}} {{labels.option}} # {{name}}
{{/each}}
{{/each}}
`,
    run: silent(haproxy),
  },
  "options.conf.hbs": {
    text: `pid nginx.pid;
events {}
http {
{{#each services}}
upstream u{{@index}} {
{{#each instances}}
  server {{address}} weight={{weight}} {{labels.option}}; # {{id}}
{{/each}}
}
{{/each}}
}
`,
    run: silent(nginx),
  },
};

/** Reconciles one set of entries after another, and returns the text after each. */
async function watcher(t: TestContext, name: string) {
  const folder = await throwAwayFolder(t);
  const { text, run } = templates[name] ?? { run: [] };
  if (text !== undefined) await writeFile(join(folder, name), text);
  const env = {
    NGINX_PID: join(folder, "nginx.pid"),
    NGINX_ERROR_LOG: join(folder, "error.log"),
    HAPROXY_SOCKET: join(folder, "socket"),
  };
  const target = { path: join(folder, "out"), check: { run, timeout: 60_000 } };
  const prefixes = ["/services"];
  const format = name.includes("nginx") || name.endsWith(".conf.hbs") ? "nginx" : "haproxy";
  const plan = { name, source: join(folder, name), target, prefixes, format } as const;
  const [clock, log, random] = [systemClock, new RecordingLog(), () => 0];
  const resolver = { lookup: async () => [], resolveSrv: async () => [] };
  const all = { maxLoss: 1, min: 0, retainMs: 0, keepEmpty: false };
  const rules = { services: "/services", limits: unlimited, guard: { all, services: {} } };
  const retry = { firstMs: 60_000, maxMs: 60_000 };
  const settings = { ...rules, retry, templates: [plan] };
  const [group] = await openGroups(
    {
      ...{ ...settings, settle: { quietMs: 0, atMostMs: 0 } },
      ...{ acknowledge: false, drift: "report", resolve: false },
    },
    { clock, random, env, resolver, shipped: join(root, "templates") },
  );
  assert.ok(group);
  const views = new Views(rules, clock, log);
  let snapshot = Snapshot.empty;
  let revision = 0;
  return async (entries: ReadonlyMap<string, string>): Promise<string> => {
    revision += 1;
    const list = Array.from(entries, ([key, value]): [string, Entry] => {
      return [key, { key, value, revision: `${revision}` }];
    });
    const reset = { kind: "reset", revision: `${revision}`, entries: new Map(list) } as const;
    snapshot = snapshot.after(reset);
    const deps = { clock, log, searchMs: Number.POSITIVE_INFINITY };
    await applyIsolatingBadEntries(group, views.of(snapshot), deps, never);
    return await readFile(target.path, "utf8");
  };
}

async function attempt(t: TestContext, name: string, random: () => number): Promise<number> {
  const reconcile = await watcher(t, name);
  const entries = new Map<string, string>();
  const good = new Map<string, string>();
  const put = ({ key, value, address }: RandomEntry) => {
    entries.set(key, value);
    if (address) good.set(key, address);
  };
  let bad = 0;
  for (let round = 0; round < 3; round += 1) {
    for (let i = 0; i < 12; i += 1) put(goodEntry(round * 12 + i, random));
    for (let i = 0; i < Math.floor(random() * 20); i += 1) {
      put(hostileEntry(round * 20 + i, random));
      bad += 1;
    }
    const text = await reconcile(entries);
    for (const [key, address] of good) {
      assert.ok(text.includes(address), `${key} with ${address} is lost in round ${round}`);
    }
    assert.doesNotMatch(text, new RegExp(`(^|[;{}\n"])[ \t]*${injected}`, "m"));
    // Some entries leave, good and bad ones.
    for (const key of entries.keys()) {
      if (random() < 0.2) [good, entries].map((map) => map.delete(key));
    }
  }
  return bad;
}

for (const name of Object.keys(templates)) {
  test(`${name} has all good entries, whatever lies beside them: ${count} keyspaces, seed ${seed}`, async (t) => {
    let bad = 0;
    for (let i = 0; i < count; i += 1) {
      try {
        bad += await attempt(t, name, seeded(seed * 1_000_003 + i));
      } catch (error) {
        throw new Error(`FUZZ_SEED=${seed}: keyspace ${i} of ${count}`, { cause: error });
      }
    }
    assert.ok(bad >= count * 3, `only ${bad} hostile entries`);
  });
}
