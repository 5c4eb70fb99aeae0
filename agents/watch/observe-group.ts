import type { Clock } from "../../lib/base/clock.ts";
import { TargetObserver } from "../../lib/install/observe-target.ts";
import type { Observed } from "../../lib/proxy/contract.ts";
import type { ObservedFacts } from "../../lib/status/contract.ts";
import type { TemplateGroup } from "./groups.ts";

/** A file and its proxy, as they were looked at. */
export interface ObservedFile extends Pick<ObservedFacts, "state" | "why"> {
  readonly target: string;
}

/** A group, as it was looked at. */
export interface ObservedGroup {
  readonly files: readonly ObservedFile[];
  readonly isProxyDown: boolean;
  /** Whether any file is another one than the last time. */
  readonly isFileReplaced: boolean;
  /** How long one look takes, in milliseconds. */
  readonly tookMs: number;
}

/** How often, and how soon again, a proxy is looked at that seems to be down, in milliseconds: it may be restarting. */
const [confirmations, confirmMs] = [4, 300];

/** Looks at the files of a group and at the proxy that reads them, and changes nothing. */
export class GroupObserver {
  readonly #group: TemplateGroup;
  readonly #clock: Clock;
  readonly #targets: ReadonlyMap<string, TargetObserver>;
  #stamps = "";
  /** The texts that were verified when other processes were found to have read something else. */
  #otherSince: TemplateGroup["verified"];

  constructor(group: TemplateGroup, clock: Clock) {
    this.#group = group;
    this.#clock = clock;
    const paths = group.files.map(({ plan }) => plan.target.path);
    this.#targets = new Map(paths.map((path) => [path, new TargetObserver(path)]));
  }

  async look(signal: AbortSignal): Promise<ObservedGroup> {
    const { verified } = this.#group;
    const isFileReplaced = await this.#isReplaced();
    const { proxy, tookMs } = await this.#observeProxy([...(verified?.values() ?? [])], signal);
    const files = await this.#observeFiles(verified, proxy, signal);
    return { files, isProxyDown: proxy?.state === "down", isFileReplaced, tookMs };
  }

  async #observeFiles(
    verified: TemplateGroup["verified"],
    proxy: Observed | undefined,
    signal: AbortSignal,
  ): Promise<readonly ObservedFile[]> {
    const all = (state: ObservedFacts["state"], why: string) =>
      Array.from(this.#targets.keys(), (target) => ({ target, state, why }));
    if (proxy?.state === "down") return all("proxy down", proxy.why);
    if (!verified) return all("unknown", "");
    const files = await this.#compareFiles(verified);
    const changed = files.filter(({ state }) => state === "out of sync");
    const { title = "" } = this.#group.proxy ?? {};
    if (proxy?.state === "changed") return all("out of sync", `${title}: ${proxy.why}`);
    if (proxy?.state === "replaced" && changed.length > 0) this.#otherSince = verified;
    if (this.#otherSince === verified) {
      return all("out of sync", `${title} was restarted or reloaded with another text`);
    }
    if (proxy?.state === "replaced") await this.#group.proxy?.adopt?.(signal);
    return files;
  }

  async #compareFiles(verified: ReadonlyMap<string, string>): Promise<readonly ObservedFile[]> {
    return await Promise.all(
      Array.from(this.#targets, async ([target, observer]) => {
        const why = await observer.difference(verified.get(target) ?? "");
        return { target, state: why === "" ? "in sync" : "out of sync", why } as const;
      }),
    );
  }

  async #isReplaced(): Promise<boolean> {
    const stamps = await Promise.all(Array.from(this.#targets.values(), (one) => one.stamp()));
    const before = this.#stamps;
    this.#stamps = stamps.join("\n");
    return before !== this.#stamps;
  }

  /** Down only if it has been down for about a second. */
  async #observeProxy(
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly proxy: Observed | undefined; readonly tookMs: number }> {
    const { proxy } = this.#group;
    for (let attempt = 1; ; attempt += 1) {
      const startMs = this.#clock.now();
      const observed = await proxy?.observe?.(texts, signal);
      const isConfirmed = observed?.state !== "down" || attempt === confirmations;
      if (isConfirmed) return { proxy: observed, tookMs: this.#clock.now() - startMs };
      await this.#clock.sleep(confirmMs, signal);
    }
  }
}
