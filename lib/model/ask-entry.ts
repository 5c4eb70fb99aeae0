import type { Entry } from "./entry.ts";
import { parseObject } from "./formats/json.ts";

/** The folder in which agents ask watchers which of their instances are served. */
export const asksFolder = "/sidekick/asks";

/** What an agent asks all watchers. */
export interface Ask {
  /** The session that keeps the entry; undefined before it is open. */
  readonly session: string | undefined;
  /** The keys of the instances in question. */
  readonly serving: readonly string[];
}

/** The value of the entry of an ask: `{"session":"7588","serving":["/services/web/10.0.0.1:80"]}`. */
export function encodeAsk({ session, serving }: Ask): string {
  return JSON.stringify({ session, serving });
}

/** The keys that an entry asks for: none unless its own session keeps it, since otherwise it may be left for ever. */
export function askedKeys({ value, owner }: Entry): readonly string[] {
  const { session, serving } = parseObject(value) ?? {};
  if (owner === undefined || session !== owner || !Array.isArray(serving)) return [];
  return serving.filter((key) => typeof key === "string");
}
