import { never, whenAborted } from "../../base/signal.ts";
import type { Batch } from "../../model/entry.ts";
import type { Keyspace } from "../contract.ts";
import { readOnlyKeyspace, resetOf } from "../read-only.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** The environment variables as a keyspace: `DB_HOST` is the key `/db/host`. It never changes. */
export function createEnvKeyspace(env: Env): Keyspace {
  return readOnlyKeyspace("env:", (prefixes, signal) => watch(env, prefixes, signal));
}

async function* watch(
  env: Env,
  prefixes: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  signal.throwIfAborted();
  yield resetOf(keysOf(env), prefixes, "1");
  await whenAborted(signal, never);
  signal.throwIfAborted();
}

/** A variable with a lower case name has the same key as one in capitals, which takes precedence. */
function keysOf(env: Env): ReadonlyMap<string, string> {
  const variables = Object.entries(env).sort(([a], [b]) => (a < b ? 1 : -1));
  return new Map(
    variables.flatMap(([name, value]) => {
      const segments = name.toLowerCase().split("_");
      const key = segments.filter((segment) => segment !== "").join("/");
      return value === undefined || key === "" ? [] : [[`/${key}`, value] as const];
    }),
  );
}
