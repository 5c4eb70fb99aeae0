import { never, whenAborted } from "../../base/signal.ts";
import type { Keyspace } from "../contract.ts";
import { readOnlyKeyspace } from "../read-only.ts";
import { type Values, watchStates } from "../states.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** The environment variables as a keyspace: `DB_HOST` is the key `/db/host`. It never changes. */
export function createEnvKeyspace(env: Env): Keyspace {
  return readOnlyKeyspace("env:", (prefixes, signal) => watchStates(states(env, signal), prefixes));
}

async function* states(env: Env, signal: AbortSignal): AsyncGenerator<Values> {
  signal.throwIfAborted();
  yield keysOf(env);
  await whenAborted(signal, never);
  signal.throwIfAborted();
}

/** A variable with a lower case name has the same key as one in capitals, which takes precedence. */
function keysOf(env: Env): Values {
  const variables = Object.entries(env).sort(([a], [b]) => (a < b ? 1 : -1));
  return new Map(
    variables.flatMap(([name, value]) => {
      const segments = name.toLowerCase().split("_");
      const key = segments.filter((segment) => segment !== "").join("/");
      return value === undefined || key === "" ? [] : [[`/${key}`, value] as const];
    }),
  );
}
