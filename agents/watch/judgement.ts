import { Fault, sentence } from "../../lib/base/fault.ts";
import { checkOutput } from "../../lib/install/check.ts";
import type { Culprit } from "../../lib/view/bisect.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { type Suspicion, suspects } from "../../lib/view/suspects.ts";

/** Texts that a check command or a proxy has rejected. */
export interface Judgement {
  readonly fault: Fault;
  /** The entries that the message points at. */
  readonly suspicions: readonly Suspicion[];
  /** Hides in a message of the command or the proxy what must not be quoted. */
  readonly hide: (text: string) => string;
}

/** What a rejection of the texts for `pools` points at. */
export function judgement(
  fault: Fault,
  texts: ReadonlyMap<string, string>,
  pools: Pools,
  hide: Judgement["hide"],
): Judgement {
  const lines = checkOutput(fault);
  const messages = lines.length > 0 ? lines : fault.message.split(" | ");
  return { fault, suspicions: suspects(messages, texts, pools), hide };
}

/** The keys of the instances that a rejection points at. Other keys are settings, which are never quarantined. */
export function namedInstances(
  { suspicions }: Judgement,
  { sources }: Pools,
): readonly Culprit<string>[] {
  const byKey = new Map<string, Culprit<string>>();
  for (const { entries, message: why } of suspicions) {
    for (const { key: item } of entries) {
      if (sources.covers(item) && !byKey.has(item)) byKey.set(item, { item, why });
    }
  }
  return [...byKey.values()];
}

/** A rejection that points at entries. */
export class RejectionOfKeys extends Fault {
  readonly keys: readonly string[];

  constructor(code: string, retry: boolean, sentence: string, keys: readonly string[]) {
    super(code, retry, sentence);
    this.keys = keys;
  }
}

/** The fault without secrets, and with the keys that it points at, if they are known. */
export function naming({ fault, suspicions, hide }: Judgement): Fault {
  const [first] = suspicions;
  const message = hide(sentence(fault));
  if (!first) return new Fault(fault.code, fault.retry, message);
  const { entries, quoted } = first;
  const keys = entries.slice(0, 3).map(({ key }) => key);
  const more = entries.length > keys.length ? `, and ${entries.length - keys.length} more` : "";
  const link = quoted ? "it quotes" : "the line that it names shows";
  const named = `${message} (${link} ${keys.join(", ")}${more})`;
  const all = entries.map(({ key }) => key);
  return new RejectionOfKeys(fault.code, fault.retry, named, all);
}
