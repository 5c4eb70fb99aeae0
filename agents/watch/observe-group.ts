import type { Clock } from "../../lib/base/clock.ts";
import { fileShortage } from "../../lib/base/shortage.ts";
import { TargetObserver } from "../../lib/install/observe-target.ts";
import type { Observed } from "../../lib/proxy/contract.ts";
import type { ObservedFacts } from "../../lib/status/facts.ts";
import { describeCauses } from "./causes.ts";
import type { TemplateGroup } from "./groups.ts";

/** A file and its proxy, as they were looked at. */
export interface ObservedFile extends Pick<ObservedFacts, "state" | "why"> {
  readonly target: string;
}

/** A group, as it was looked at. */
export interface ObservedGroup {
  readonly files: readonly ObservedFile[];
  readonly isProxyDown: boolean;
  /** Describes the files, and what writing them depends on; empty while they are verified. */
  readonly causes: string;
}

/** For how long, and how often, a proxy is looked at that seems to be down, in milliseconds: it may be restarting. */
const [confirmedAfterMs, confirmMs] = [900, 300];

/** How long files count as unchanged that were not reported to have changed, in milliseconds: reports may be missing. */
export const stampedMs = 10_000;

/** The state before a look. */
export interface Before {
  readonly wasProxyDown: boolean;
  /** A file is reported to have changed. */
  readonly hasFileChanged: boolean;
}

/** Looks at the files of a group and at the proxy that reads them, and changes nothing. */
export class GroupObserver {
  readonly #group: TemplateGroup;
  readonly #clock: Clock;
  readonly #targets: ReadonlyMap<string, TargetObserver>;
  /** The stamps of the files, by target, and until when they are the same unless a file is reported to have changed. */
  #stamped: ReadonlyMap<string, string> = new Map();
  #stampedUntilMs = Number.NEGATIVE_INFINITY;
  /** The texts that were verified when other processes were found to have read something else. */
  #otherSince: TemplateGroup["verified"];

  constructor(group: TemplateGroup, clock: Clock) {
    this.#group = group;
    this.#clock = clock;
    const targets = group.files.map(({ plan }) => plan.target);
    this.#targets = new Map(targets.map((target) => [target.path, new TargetObserver(target)]));
  }

  /**
   * Undefined if nothing is known at this moment: without a free file descriptor, everything seems to be gone. A proxy that
   * was down already needs no confirmation, and is not back before it is seen.
   */
  async look(
    { wasProxyDown, hasFileChanged }: Before,
    signal: AbortSignal,
  ): Promise<ObservedGroup | undefined> {
    const { verified } = this.#group;
    if (hasFileChanged || !verified) this.#stampedUntilMs = Number.NEGATIVE_INFINITY;
    const before = await this.#stamps();
    const causes = verified ? "" : await describeCauses(this.#group);
    const texts = [...(verified?.values() ?? [])];
    const proxy = await this.#observeProxy(texts, wasProxyDown, signal);
    // A file that was changed before the proxy was reloaded may not be reported to have changed yet.
    if (proxy?.state === "replaced") this.#stampedUntilMs = Number.NEGATIVE_INFINITY;
    const stamps = proxy?.state === "replaced" ? await this.#stamps() : before;
    const files = await this.#observeFiles(stamps, verified, proxy, signal);
    const isDoubtful = files.some(({ state }) => state !== "in sync");
    if (isDoubtful && fileShortage() !== undefined) return undefined;
    if (wasProxyDown && this.#group.proxy?.observe && !proxy) return undefined;
    return { files, isProxyDown: proxy?.state === "down", causes };
  }

  async #observeFiles(
    stamps: ReadonlyMap<string, string>,
    verified: TemplateGroup["verified"],
    proxy: Observed | undefined,
    signal: AbortSignal,
  ): Promise<readonly ObservedFile[]> {
    const all = (state: ObservedFacts["state"], why: string) =>
      Array.from(this.#targets.keys(), (target) => ({ target, state, why }));
    if (proxy?.state === "down") return all("proxy down", proxy.why);
    if (!verified) return all("unknown", "");
    const { ahead } = this.#group;
    const files = await this.#compareFiles(stamps, ahead?.onDisk ?? verified);
    const changed = files.filter(({ state }) => state === "out of sync");
    const { title = "" } = this.#group.proxy ?? {};
    if (proxy?.state === "changed") return all("out of sync", `${title}: ${proxy.why}`);
    if (proxy?.state === "replaced" && changed.length > 0) this.#otherSince = verified;
    if (this.#otherSince === verified) {
      return all("out of sync", `${title} was restarted or reloaded with another text`);
    }
    // Other processes have read the files, and are not the ones that are ahead of them.
    if (proxy?.state === "replaced" && !ahead) await this.#group.proxy?.adopt?.(signal);
    return files;
  }

  async #compareFiles(
    stamps: ReadonlyMap<string, string>,
    verified: ReadonlyMap<string, string>,
  ): Promise<readonly ObservedFile[]> {
    return await Promise.all(
      Array.from(this.#targets, async ([target, observer]) => {
        const text = verified.get(target) ?? "";
        const why = await observer.difference(stamps.get(target) ?? "", text);
        return { target, state: why === "" ? "in sync" : "out of sync", why } as const;
      }),
    );
  }

  /** The stamps of the files, by target. */
  async #stamps(): Promise<ReadonlyMap<string, string>> {
    const nowMs = this.#clock.now();
    if (nowMs < this.#stampedUntilMs) return this.#stamped;
    const stamps = Array.from(
      this.#targets,
      async ([target, one]) => [target, await one.stamp()] as const,
    );
    this.#stamped = new Map(await Promise.all(stamps));
    this.#stampedUntilMs = nowMs + stampedMs;
    return this.#stamped;
  }

  /** Down only if it has been down for about a second, or was before. */
  async #observeProxy(
    texts: readonly string[],
    wasDown: boolean,
    signal: AbortSignal,
  ): Promise<Observed | undefined> {
    const { proxy } = this.#group;
    const startMs = this.#clock.now();
    for (;;) {
      const observed = await proxy?.observe?.(texts, signal);
      const downMs = this.#clock.now() - startMs;
      if (observed?.state !== "down" || wasDown || downMs >= confirmedAfterMs) return observed;
      await this.#clock.sleep(confirmMs, signal);
    }
  }
}
