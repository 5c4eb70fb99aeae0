import { Fault, sentence } from "../../lib/base/fault.ts";
import { checkOutput } from "../../lib/install/check.ts";
import { isWithin } from "../../lib/model/entry.ts";
import type { Culprit } from "../../lib/view/bisect.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { type Suspicion, suspects } from "../../lib/view/suspects.ts";

/** Texts that a check command or a proxy has rejected. */
export interface Judgement {
  readonly fault: Fault;
  /** The entries that the message points at. */
  readonly suspicions: readonly Suspicion[];
}

/** What a rejection of the texts for `pools` points at. Programs quote what they reject: `hide` masks secrets in messages. */
export function judgement(
  fault: Fault,
  texts: ReadonlyMap<string, string>,
  pools: Pools,
  hide: (text: string) => string,
): Judgement {
  const lines = checkOutput(fault);
  const messages = lines.length > 0 ? lines : fault.message.split(" | ");
  const suspicions = suspects(messages, texts, pools).map((one) => ({
    ...one,
    message: hide(one.message),
  }));
  return { fault: new Fault(fault.code, fault.retry, hide(sentence(fault))), suspicions };
}

/** The keys of the instances that a rejection points at. Other keys are settings, which are never quarantined. */
export function namedInstances(
  { suspicions }: Judgement,
  { folder }: Pools,
): readonly Culprit<string>[] {
  const byKey = new Map<string, Culprit<string>>();
  for (const { entries, message: why } of suspicions) {
    for (const { key: item } of entries) {
      if (isWithin(item, folder) && !byKey.has(item)) byKey.set(item, { item, why });
    }
  }
  return [...byKey.values()];
}

/** The fault with the keys that it points at, if they are known. */
export function naming({ fault, suspicions }: Judgement): Fault {
  const [first] = suspicions;
  if (!first) return fault;
  const { entries, quoted } = first;
  const keys = entries.slice(0, 3).map(({ key }) => key);
  const more = entries.length > keys.length ? `, and ${entries.length - keys.length} more` : "";
  const link = quoted ? "it quotes" : "the line that it names shows";
  const text = `${fault.message} (${link} ${keys.join(", ")}${more})`;
  return new Fault(fault.code, fault.retry, text);
}
