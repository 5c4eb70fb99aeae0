import type { Log } from "../../lib/base/log.ts";
import type { TemplatePlan } from "../../lib/config/plan.ts";

/** Warns of a file that is rendered from no key at all: the keyspace is empty, or the prefix is not the one in use. */
export function logMissingKeys({ target, prefixes }: TemplatePlan, log: Log): void {
  const { path } = target;
  const folders = prefixes.map((prefix) => prefix || "/").join(", ");
  const sentence = `${path} is rendered from no keys: there are none below ${folders}`;
  log.warn("no_keys", sentence, { target: path, prefixes });
}
