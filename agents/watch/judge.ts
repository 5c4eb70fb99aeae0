import { createHash } from "node:crypto";
import type { Clock } from "../../lib/base/clock.ts";
import { validate } from "../../lib/install/validate.ts";
import { cleanLine } from "../../lib/proxy/clean-line.ts";
import type { Pools } from "../../lib/view/contract.ts";
import type { Texts } from "./ahead.ts";
import { type ApplyDeps, apply, type Outcome, renderAll } from "./apply.ts";
import type { TemplateGroup } from "./groups.ts";
import { hiding } from "./hiding.ts";
import { type Judgement, judgement } from "./judgement.ts";
import { isRejection } from "./rejection.ts";

/** Whether the check command can judge texts without replacing any file. */
export function hasCheck({ files }: TemplateGroup): boolean {
  return files.some(({ plan }) => plan.target.check !== undefined);
}

/** By group, the last judge, and the digests of the templates that it depends on. */
const judges = new WeakMap<TemplateGroup, { readonly digests: string; readonly judge: string }>();

/** Distinguishes the templates and check commands of a group from any others, and whether they get host names. */
export function judgeOf(group: TemplateGroup): string {
  const { files, resolvesNames } = group;
  const digests = files.map(({ source }) => source.digest).join();
  const known = judges.get(group);
  if (known?.digests === digests) return known.judge;
  const parts = files.map(({ plan: { target, format }, source }) => {
    return [source.digest, target.check?.run ?? [], format];
  });
  const judge = createHash("sha256")
    .update(JSON.stringify([resolvesNames, parts]))
    .digest("hex");
  judges.set(group, { digests, judge });
  return judge;
}

/** The dependencies of an attempt. */
export interface AttemptDeps extends ApplyDeps {
  /** Called when the time limits of all commands begin anew. */
  readonly onAttempt?: () => void;
}

/** Applies; a rejection is a result. */
export async function tryToApply(
  group: TemplateGroup,
  pools: Pools,
  deps: AttemptDeps,
  signal: AbortSignal,
): Promise<Outcome | Judgement> {
  deps.onAttempt?.();
  try {
    const outcome = await apply(group, pools, deps, signal);
    if (outcome.kind !== "deferred" && !group.ahead) group.accepted = pools;
    return outcome;
  } catch (error) {
    if (signal.aborted || !isRejection(error)) throw error;
    const { texts } = await renderAll(group, pools, signal);
    return judgement(error, texts, pools, hiding(group, pools));
  }
}

/** Runs the check commands on the texts for `pools`, and replaces no file. Throws any other fault than a rejection. */
export async function validateAll(
  group: TemplateGroup,
  pools: Pools,
  { clock, onAttempt }: AttemptDeps,
  signal: AbortSignal,
): Promise<Judgement | undefined> {
  onAttempt?.();
  const { texts } = await renderAll(group, pools, signal);
  return await validateTexts(group, texts, pools, clock, signal);
}

/** The same for these texts of `pools`. */
export async function validateTexts(
  group: TemplateGroup,
  texts: Texts,
  pools: Pools,
  clock: Clock,
  signal: AbortSignal,
): Promise<Judgement | undefined> {
  try {
    for (const { plan } of group.files) {
      const { target } = plan;
      // Also a text that was accepted before: a host name in it may have become unresolvable.
      const text = texts.get(target.path) ?? "";
      await validate(target, text, { clock, clean: cleanLine }, signal);
    }
    return undefined;
  } catch (error) {
    if (signal.aborted || !isRejection(error)) throw error;
    return judgement(error, texts, pools, hiding(group, pools));
  }
}
