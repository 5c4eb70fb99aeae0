import type { Entry } from "../../../../lib/model/entry.ts";
import type { Pool } from "../../../../lib/model/pool.ts";
import { Snapshot } from "../../../../lib/model/snapshot.ts";
import { helpers } from "../../../../lib/render/helpers/all.ts";
import type { RenderContext } from "../../../../lib/render/helpers/contract.ts";
import { TemplateKeys } from "../../../../lib/render/keys.ts";
import { Prefixes } from "../../../../lib/render/prefixes.ts";

const values = {
  "/app/name": "shop",
  "/app/empty": "",
  "/app/db/host": "db1",
  "/app/db/port": "5432",
  "/app/upstream/b": "10.0.0.1:80",
  "/app/upstream/a": "10.0.0.2:80",
  "/app/upstream/c": "10.0.0.1:80",
  "/both": "a value",
  "/both/child": "and a child",
  "/top": "leaf",
};

const entries = Object.entries(values).map(([key, value]): [string, Entry] => [
  key,
  { key, value, revision: "7" },
]);

const keys = new TemplateKeys(new Prefixes([""]));
keys.see(Snapshot.empty.after({ kind: "reset", revision: "7", entries: new Map(entries) }));

export const web: Pool = {
  name: "web",
  instances: [
    {
      service: "web",
      id: "1",
      key: "/services/web/1",
      host: "10.0.0.1",
      port: 80,
      address: "10.0.0.1:80",
      server: "h10.0.0.1_80",
      name: "web-1",
      weight: 1,
      labels: {},
    },
  ],
};

const env: Readonly<Record<string, string>> = { HOME: "/home/me", NOTHING: "" };

/** A small keyspace, and the rest of the context of a rendering. */
export const context: RenderContext = {
  keys,
  services: [web],
  env: (name) => env[name],
  now: new Date("2026-11-21T09:30:00.123Z"),
  lookups: {
    ip: () => ["10.0.0.9", "10.0.0.10", "::1"],
    srv: (name) => [
      { name: `b.${name}`, port: 80, priority: 1, weight: 5 },
      { name: `a.${name}`, port: 81, priority: 2, weight: 5 },
    ],
  },
};

/** Calls a helper. The result is plain data, without prototypes and revisions. */
export function call(name: string, ...args: readonly unknown[]): unknown {
  const result = helpers[name]?.run(args, context);
  return result === undefined ? undefined : JSON.parse(JSON.stringify(result), withoutRevision);
}

function withoutRevision(name: string, value: unknown): unknown {
  return name === "revision" ? undefined : value;
}
