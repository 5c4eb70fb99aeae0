import { Fault } from "../../lib/base/fault.ts";
import type { Log } from "../../lib/base/log.ts";
import { isWithin } from "../../lib/model/entry.ts";
import type { Pools } from "../../lib/view/contract.ts";
import type { QuarantineChanges } from "../../lib/view/quarantine.ts";
import { type Suspicion, suspects } from "../../lib/view/suspects.ts";
import { without } from "../../lib/view/without.ts";
import { type ApplyDeps, apply, type Outcome, renderAll, type TemplateGroup } from "./apply.ts";

/** How many attempts one turn may take: each finds one host that cannot be used. */
const mostAttempts = 20;

/**
 * A turn in which one bad entry does not stop the others: when a check or the proxy refuses the files and it
 * is plain which entry they stumble over, it is done again without it. Throws like `turn`, with the key where
 * that is known but is no reason to leave it out.
 */
export async function applyIsolatingBadEntries(
  serving: TemplateGroup,
  pools: Pools,
  deps: ApplyDeps & { readonly log: Log },
  signal: AbortSignal,
): Promise<Outcome> {
  const { quarantine } = serving;
  for (let attempt = 1; ; attempt += 1) {
    const seen = without(pools, quarantine.beginAttempt(pools.snapshot));
    try {
      const done = await apply(serving, seen, deps, signal);
      if (done.kind !== "deferred") say(quarantine.commit(), deps.log);
      return done;
    } catch (error) {
      if (signal.aborted || !isRefusal(error)) {
        quarantine.rollBack();
        throw error;
      }
      const suspicion = suspects(error.message, await renderAll(serving, seen, signal), seen);
      const mayGoOn =
        attempt < mostAttempts && suspicion !== undefined && isOfServices(suspicion, pools);
      const isSpared = quarantine.isolate(suspicion, mayGoOn, pools.snapshot.size);
      if (!isSpared) throw naming(error, suspicion);
    }
  }
}

/** Other keys are settings: what is configured without one of them may be something else altogether. */
function isOfServices({ entries }: Suspicion, { folder }: Pools): boolean {
  return entries.every(({ key }) => isWithin(key, folder));
}

/** Somebody has looked at the files and did not like them. */
function isRefusal(error: unknown): error is Fault {
  const codes = ["INSTALL_CHECK_FAILED", "PROXY_REJECTED", "PROXY_COMMAND_FAILED"];
  return error instanceof Fault && codes.includes(error.code);
}

/** The fault with the key that it points at, where that is known. */
function naming(fault: Fault, suspicion: Suspicion | undefined): Fault {
  if (!suspicion) return fault;
  const { entries, quoted } = suspicion;
  const keys = entries.slice(0, 3).map(({ key }) => key);
  const more = entries.length > keys.length ? `, and ${entries.length - keys.length} more` : "";
  const what = quoted ? "it quotes" : "the line that it names shows";
  const sentence = `${fault.message} (${what} ${keys.join(", ")}${more})`;
  return new Fault(fault.code, fault.retry, sentence, fault.cause);
}

function say({ quarantined: held, released }: QuarantineChanges, log: Log): void {
  for (const { key, revision, why } of held) {
    const sentence = `${key} (revision ${revision}) is left out, and tried again from time to time: ${why}`;
    log.warn("quarantined", sentence, { key, revision, why });
  }
  for (const key of released) log.info("quarantine_ended", `${key} is no longer left out`, { key });
}
