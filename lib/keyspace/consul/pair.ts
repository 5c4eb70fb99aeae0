import type { ConsulClient, ConsulResult } from "../../clients/consul/client.ts";
import { ConsulError } from "../../clients/consul/errors.ts";
import { parseList } from "../../clients/consul/json.ts";
import type { Entry } from "../../model/entry.ts";

/** A key of the store with its value. */
export interface Pair {
  /** Without a leading slash. */
  readonly storeKey: string;
  readonly value: string;
  readonly modifyIndex: number;
  /** The session that has it locked. */
  readonly session: string | undefined;
}

const expected = "a list of keys";

/** The pairs of an answer; none if there is no such key. */
export function pairsOf({ status, text }: Pick<ConsulResult, "status" | "text">): readonly Pair[] {
  return status === 404 ? [] : parseList(text, expected).map(pairOf);
}

function pairOf(raw: object): Pair {
  const { Key, Value, ModifyIndex, Session } = raw as Readonly<Record<string, unknown>>;
  const isPair =
    typeof Key === "string" &&
    (Value === null || typeof Value === "string") &&
    typeof ModifyIndex === "number";
  if (!isPair) throw new ConsulError("unreadable", `the answer is not ${expected}`);
  return {
    storeKey: Key,
    value: Value === null ? "" : Buffer.from(Value, "base64").toString(),
    modifyIndex: ModifyIndex,
    session: typeof Session === "string" && Session !== "" ? Session : undefined,
  };
}

/** One key as it is now; undefined if it does not exist. */
export async function readPair(
  client: ConsulClient,
  storeKey: string,
  signal: AbortSignal,
): Promise<Pair | undefined> {
  const [pair] = pairsOf(await client.query({ path: pathOf(storeKey) }, signal));
  return pair;
}

/** The path of a key, or of a run of characters that keys begin with, in the API. */
export function pathOf(storeKey: string): string {
  return `/kv/${storeKey.split("/").map(encodeURIComponent).join("/")}`;
}

/** The key in the store: Consul's keys have no leading slash. `folder` is that of the URL: empty, or `/app`. */
export function storeKeyOf(folder: string, key: string): string {
  return `${folder}${key}`.slice(1);
}

/** The entry of a pair below the folder of the URL; undefined for a folder that Consul's own pages have made: `web/`. */
export function entryOf(pair: Pair, folder: string): Entry | undefined {
  const { storeKey, value, modifyIndex, session } = pair;
  if (storeKey.endsWith("/")) return undefined;
  return {
    key: `/${storeKey}`.slice(folder.length),
    value,
    revision: String(modifyIndex),
    ...(session !== undefined && { owner: session }),
  };
}
