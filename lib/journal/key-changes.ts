import { hidden, hideSecrets, isSecretName, secretsIn } from "../base/secret.ts";
import type { Entry } from "../model/entry.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { KeyChange } from "./contract.ts";

/** A longer value is cut, in characters. */
const longestValue = 512;

/** The snapshots between which keys have changed. */
export interface Between {
  /** What the last verified texts were rendered from. */
  readonly before: Snapshot;
  /** What the texts were rendered from. */
  readonly after: Snapshot;
  /** The keyspace, with the entries without which they were rendered. */
  readonly current: Snapshot;
}

/** How the entry of a key has changed. */
export function keyChange(key: string, { before, after, current }: Between): KeyChange {
  const [old, now] = [before.get(key), after.get(key)];
  const held = now ? undefined : current.get(key);
  const owner = now?.owner ?? held?.owner ?? old?.owner;
  return {
    key,
    op: now ? "put" : held ? "quarantined" : "gone",
    revision: (now ?? held)?.revision ?? after.revision,
    ...(owner !== undefined && { owner }),
    ...(old && { before: masked(old) }),
    ...((now ?? held) && { after: masked((now ?? held) as Entry) }),
  };
}

/** The value without secrets: of a key with the name of one, nothing; of JSON, not its members with such a name. */
function masked({ key, value }: Entry): string {
  if (isSecretName(key)) return hidden;
  const text = hideSecrets(value, secretsIn(key, value));
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}
