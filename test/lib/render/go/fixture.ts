import { Snapshot } from "../../../../lib/model/snapshot.ts";
import type { Escape } from "../../../../lib/render/contract.ts";
import { type Format, kinds } from "../../../../lib/render/escape/kinds.ts";
import { compileGo } from "../../../../lib/render/go/compile.ts";
import { TemplateKeys } from "../../../../lib/render/keys.ts";
import { Prefixes } from "../../../../lib/render/prefixes.ts";
import { emptyPools, pools } from "../../../../lib/view/pools.ts";

type Pairs = Readonly<Record<string, string>>;

export function snapshotOf(pairs: Pairs): Snapshot {
  const entries = Object.entries(pairs).map(
    ([key, value]) => [key, { key, value, revision: "1" }] as const,
  );
  return Snapshot.empty.after({ kind: "reset", revision: "1", entries: new Map(entries) });
}

/** Compiles a Go template; the result renders it for a snapshot. */
export function prepare(
  text: string,
  format: Format = "plain",
  escape: Escape = kinds[format],
): (snapshot: Snapshot) => string {
  const template = compileGo({ name: "t.tmpl", text }, { name: format, escape });
  const keys = new TemplateKeys(new Prefixes([""]));
  let seen = emptyPools("/services");
  return (snapshot) => {
    seen = pools(seen, snapshot);
    keys.see(snapshot);
    return template.render({
      ...{ keys, services: [...seen.byName.values()], now: new Date(0) },
      env: (name) => (name === "HOME" ? "/home/me" : undefined),
      lookups: { ip: () => [], srv: () => [] },
    });
  };
}

export function rendered(text: string, pairs: Pairs = {}, format: Format = "plain"): string {
  return prepare(text, format)(snapshotOf(pairs));
}
