import { Fault, sentence } from "../../lib/base/fault.ts";
import { hideSecrets, secretsIn } from "../../lib/base/secret.ts";
import { isWithin } from "../../lib/model/entry.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { type Suspicion, suspects } from "../../lib/view/suspects.ts";
import { without } from "../../lib/view/without.ts";
import { type ApplyDeps, apply, type Outcome, renderAll } from "./apply.ts";
import type { TemplateGroup } from "./groups.ts";
import { logQuarantine } from "./quarantine-log.ts";

/** The maximum number of attempts of one reconciliation: each finds one invalid entry. */
const mostAttempts = 20;

/**
 * Applies, and quarantines entries that a check command or the proxy rejects, so that one bad entry does not stop the others:
 * if the message of the rejection points at an entry, it retries without that entry. Throws like `apply`; the fault names
 * the key if it is known and is no reason to quarantine its entry.
 */
export async function applyIsolatingBadEntries(
  group: TemplateGroup,
  pools: Pools,
  deps: ApplyDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  const { quarantine } = group;
  for (let attempt = 1; ; attempt += 1) {
    const accepted = without(pools, quarantine.beginAttempt(pools.snapshot));
    try {
      const outcome = await apply(group, accepted, deps, signal);
      if (outcome.kind !== "deferred") logQuarantine(quarantine.commit(), deps.log);
      return outcome;
    } catch (error) {
      if (signal.aborted || !isRejection(error)) {
        quarantine.rollBack();
        throw error;
      }
      const { texts } = await renderAll(group, accepted, signal);
      const hide = (text: string) => hideSecrets(text, secretsOf(group, accepted));
      const found = suspects(error.message, texts, accepted);
      const suspicion = found && { ...found, message: hide(found.message) };
      const mayGoOn =
        attempt < mostAttempts && suspicion !== undefined && areInstances(suspicion, pools);
      const isIsolated = quarantine.isolate(suspicion, mayGoOn, pools.snapshot.size);
      if (!isIsolated) throw naming(error, hide(sentence(error)), suspicion);
    }
  }
}

/** Only instances may be quarantined. Other keys are settings: a configuration without one may have another meaning. */
function areInstances({ entries }: Suspicion, { folder }: Pools): boolean {
  return entries.every(({ key }) => isWithin(key, folder));
}

function isRejection(error: unknown): error is Fault {
  const codes = ["INSTALL_CHECK_FAILED", "PROXY_REJECTED", "PROXY_COMMAND_FAILED"];
  return error instanceof Fault && codes.includes(error.code);
}

/** The values that a program may quote, and a message must not. */
function* secretsOf({ files }: TemplateGroup, { snapshot }: Pools): Generator<string> {
  for (const { key, value } of snapshot.chunks.flat()) yield* secretsIn(key, value);
  for (const { template } of files) yield* template.environment;
}

/** The fault with this message, and the key that it points at, if that is known. */
function naming(fault: Fault, message: string, suspicion: Suspicion | undefined): Fault {
  if (!suspicion) return new Fault(fault.code, fault.retry, message);
  const { entries, quoted } = suspicion;
  const keys = entries.slice(0, 3).map(({ key }) => key);
  const more = entries.length > keys.length ? `, and ${entries.length - keys.length} more` : "";
  const link = quoted ? "it quotes" : "the line that it names shows";
  return new Fault(fault.code, fault.retry, `${message} (${link} ${keys.join(", ")}${more})`);
}
