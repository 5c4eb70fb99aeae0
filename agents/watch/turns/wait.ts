import { validate } from "../../../lib/install/validate.ts";
import { cleanLine } from "../../../lib/proxy/clean-line.ts";
import type { Pools } from "../../../lib/view/contract.ts";
import { isSame, type Texts } from "../ahead.ts";
import type { TemplateGroup } from "../groups.ts";
import { isRejection } from "../rejection.ts";
import { changeOf, followBefore, type WriteDeps, write } from "../write.ts";
import { needsTurn, servesMeanwhile } from "./gate.ts";
import { revisionOf } from "./revision.ts";

/** The result of a reconciliation whose reload waits for its turn. */
export interface WaitsForTurn {
  readonly kind: "deferred";
  readonly waitMs: 0;
  readonly isTurn: true;
}

/**
 * The reload for these texts waits for its turn. Texts that the check commands refuse do not queue: throws their fault. Meanwhile
 * the proxy gets the servers of the texts, where it needs no reload for them.
 */
export async function waitForTurn(
  group: TemplateGroup,
  texts: Texts,
  pools: Pools,
  deps: WriteDeps,
  signal: AbortSignal,
): Promise<WaitsForTurn> {
  const { turn, verified, accepted } = group;
  if (verified && group.ahead) await followBefore(group, texts, pools, deps, signal);
  const before = turn?.waiting;
  if (!before || !isSame(before.texts, texts)) {
    await validateFiles(group, texts, deps, signal);
    if (turn) turn.waiting = { texts, revision: revisionOf(accepted, pools) };
  }
  turn?.want();
  await serveMeanwhile(group, texts, pools, deps, signal);
  return { kind: "deferred", waitMs: 0, isTurn: true };
}

async function validateFiles(
  group: TemplateGroup,
  texts: Texts,
  { clock }: WriteDeps,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (const { plan } of group.files) {
      const text = texts.get(plan.target.path) ?? "";
      await validate(plan.target, text, { clock, clean: cleanLine }, signal);
    }
  } catch (error) {
    group.isCheckedFirst = true;
    throw error;
  }
}

/** Changes the servers of the running proxy, and its files with them, so that membership does not wait. */
async function serveMeanwhile(
  group: TemplateGroup,
  texts: Texts,
  pools: Pools,
  { clock, log }: WriteDeps,
  signal: AbortSignal,
): Promise<void> {
  const { turn, verified, proxy } = group;
  const graft = proxy?.servers?.graft;
  if (!turn || !verified || !graft || !servesMeanwhile(group)) return;
  const grafted = Array.from(verified, ([target, running]) => {
    return [target, graft(running, texts.get(target) ?? running)] as const;
  });
  const meanwhile = new Map(grafted);
  const isKnown = turn.notServed && isSame(turn.notServed, meanwhile);
  if (isKnown || isSame(verified, meanwhile)) return;
  if (!proxy.canAdjust?.(changeOf(verified, meanwhile))) return;
  try {
    // The cause that the trace has is that of the texts that wait.
    const { applied } = await write(group, meanwhile, pools, { clock, log }, signal);
    const sentence = `${group.title} waits for its turn to reload; servers were changed at run time: ${applied}`;
    log.info("served_meanwhile", sentence, { applied });
  } catch (error) {
    if (signal.aborted || !(isRejection(error) || needsTurn(group, error))) throw error;
    turn.notServed = meanwhile;
  }
}
