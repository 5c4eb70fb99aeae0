import type { Clock } from "../../lib/base/clock.ts";
import { Fault } from "../../lib/base/fault.ts";
import type { Installed } from "../../lib/install/contract.ts";
import { install } from "../../lib/install/install.ts";
import { cleanLine } from "../../lib/proxy/clean-line.ts";
import type { Applied, Proxy } from "../../lib/proxy/contract.ts";
import type { ReloadLimiter } from "../../lib/proxy/reload-limiter.ts";
import type { TemplateFile } from "../../lib/render/template-file.ts";
import type { Pools } from "../../lib/view/contract.ts";
import type { Quarantine } from "../../lib/view/quarantine.ts";

/** Files that one proxy reads, and what is known of what it serves. */
export interface TemplateGroup {
  readonly files: readonly TemplateFile[];
  readonly proxy: Proxy | undefined;
  /** When the proxy may be reloaded again. */
  readonly limiter: ReloadLimiter;
  /** Who is left out because no file with it was accepted. */
  readonly quarantine: Quarantine;
  /**
   * The texts that the proxy was proved to serve, by target. Undefined while that is not known: at the
   * start, during a change, and after one that failed. Then the next turn applies, whatever is on the disk.
   */
  verified: ReadonlyMap<string, string> | undefined;
}

/** What a turn came to. */
export type Outcome =
  | { readonly kind: "same" }
  /** It is too soon for another reload: nothing was written. */
  | { readonly kind: "deferred"; readonly waitMs: number }
  | {
      readonly kind: "served";
      readonly changed: readonly string[];
      readonly applied: Applied | undefined;
    };

export interface ApplyDeps {
  readonly clock: Clock;
  /** Told of the files that were replaced: written, which is not yet served. */
  readonly onWritten: (targets: readonly string[]) => void;
}

/**
 * One turn: render, check, install, apply. Either all of it is done, or the files are as they were before
 * and the fault says why. A proxy that is not running yet is no reason to take a good file away.
 */
export async function apply(
  serving: TemplateGroup,
  pools: Pools,
  { clock, onWritten }: ApplyDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  const { proxy, limiter: pace, verified: proved } = serving;
  const texts = await renderAll(serving, pools, signal);
  if (proved && sameTexts(proved, texts)) return { kind: "same" };
  const change = {
    files: Array.from(texts, ([target, desired]) => ({
      target,
      loaded: proved?.get(target),
      desired,
    })),
  };
  const { waitMs } = pace;
  if (waitMs > 0 && !proxy?.canAdjust?.(change)) return { kind: "deferred", waitMs };

  serving.verified = undefined;
  const installed: [string, Installed][] = [];
  try {
    for (const { plan } of serving.files) {
      const { target } = plan;
      const text = texts.get(target.path) ?? "";
      installed.push([
        target.path,
        await install(target, text, { clock, clean: cleanLine }, signal),
      ]);
    }
    const changed = installed.flatMap(([target, { changed }]) => (changed ? [target] : []));
    if (changed.length > 0) onWritten(changed);
    const applied = proxy && (await pace.run(() => proxy.apply(change, signal)));
    serving.verified = texts;
    return { kind: "served", changed, applied };
  } catch (error) {
    const stays = signal.aborted || (error instanceof Fault && error.code === "PROXY_NOT_RUNNING");
    if (!stays) await rollBack(installed);
    if (isRefusedByCheck(error, installed)) serving.verified = proved;
    throw error;
  }
}

/** What each file should hold, by path. */
export async function renderAll(
  { files }: TemplateGroup,
  pools: Pools,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const file of files) texts.set(file.plan.target.path, await file.render(pools, signal));
  return texts;
}

/** Whether nothing was touched, and nobody told. */
function isRefusedByCheck(
  error: unknown,
  installed: readonly (readonly [string, Installed])[],
): boolean {
  const isUntouched = installed.every(([, { changed }]) => !changed);
  return isUntouched && error instanceof Fault && error.code === "INSTALL_CHECK_FAILED";
}

function sameTexts(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return [...b].every(([target, text]) => a.get(target) === text);
}

async function rollBack(installed: readonly (readonly [string, Installed])[]): Promise<void> {
  for (const [, done] of installed.toReversed()) if (done.changed) await done.revert();
}
