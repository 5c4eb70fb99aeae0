import { counted } from "../../../base/counted.ts";
import type { Adjustment, Applied, Change, Observed, Proxy } from "../../contract.ts";
import { faults } from "../../faults.ts";
import { Control } from "./control.ts";
import { parseCounters } from "./counters.ts";
import { foreseeLive } from "./foresee.ts";
import { LiveUpstreams } from "./live-upstreams.ts";
import { type LiveTexts, liveTexts, planLive } from "./plan.ts";
import { serverTexts } from "./server-texts.ts";
import { cachingReader } from "./texts.ts";

/**
 * An nginx whose peers are changed at run time through its control server, where the texts differ in nothing else. `plain` is
 * how it is reloaded: for everything else, and for texts without a control server.
 */
export function createLiveNginx(plain: Proxy, address: string): Proxy {
  const { title } = plain;
  const control = new Control(address);
  const live = new LiveUpstreams(control);
  const read = cachingReader();
  const plan = (change: Change) => planLive(change, address, read);
  let isAdvised = false;
  /** Whether the last text had a control server; assumed of the first one. */
  let isLive = true;
  /** The texts that were looked at last: those that nginx has loaded if it is adopted. */
  let seenTexts: LiveTexts | undefined;

  /** Compares all peers of nginx with these; undefined if it has loaded something else. */
  const adoptUnknown = async (desired: LiveTexts, signal: AbortSignal) => {
    const converged = await live.converge(desired, signal);
    if ("reason" in converged) return undefined;
    await plain.adopt?.(signal);
    return adjusted(converged.upstreams, "upstream");
  };

  const reload = async (
    change: Change,
    desired: LiveTexts | undefined,
    reason: string | undefined,
    signal: AbortSignal,
  ): Promise<Applied> => {
    live.invalidate();
    isLive = desired !== undefined;
    const applied = await plain.apply(change, signal);
    if (!desired) {
      const advice = isAdvised ? undefined : noControlServer(address);
      isAdvised = true;
      return withReason(applied, advice);
    }
    // Peers that were changed since nginx read the same file stay: it does not know that they are older.
    const recorded = await live.recordLoad(desired, signal);
    const converged = recorded ?? (await live.converge(desired, signal));
    if (!("reason" in converged)) return withReason(applied, reason);
    if (converged.isRefused) throw faults.PROXY_REJECTED({ title, reason: converged.reason });
    return withReason(applied, converged.reason);
  };

  return {
    ...plain,
    get weighs(): true {
      // Without a control server, every step would be a reload.
      return (isLive || undefined) as true;
    },
    servers: serverTexts,
    canAdjust: (change) => plan(change).kind !== "reload",
    async adjust(change, signal): Promise<Adjustment> {
      const planned = plan(change);
      if (planned.kind !== "adjust") return "not possible";
      const failure = await live.adjust(planned, signal);
      return failure ? "failed" : adjusted(planned.changed.length, "server");
    },
    foresee: (change, areInFiles, signal) => {
      return foreseeLive(plan(change), live, areInFiles, noControlServer(address), signal);
    },
    async apply(change, signal, mayReload = true) {
      const planned = plan(change);
      const { desired } = planned;
      if (planned.kind !== "reload") {
        const converged = await live.converge(planned.desired, signal);
        if (!("reason" in converged)) return adjusted(planned.changed.length, "server");
        const { reason } = converged;
        if (!mayReload) throw faults.PROXY_RELOAD_WAITS({ title, reason });
        return await reload(change, desired, reason, signal);
      }
      // Texts that are not known to the caller may still be the ones that nginx has loaded.
      const isUnknown = desired && planned.reason === undefined;
      const applied = isUnknown ? await adoptUnknown(desired, signal) : undefined;
      if (applied) return applied;
      const { reason = "it is not known with which files it runs" } = planned;
      if (!mayReload) throw faults.PROXY_RELOAD_WAITS({ title, reason });
      return await reload(change, desired, planned.reason, signal);
    },
    async observe(texts, signal): Promise<Observed | undefined> {
      const seen = await plain.observe?.(texts, signal);
      seenTexts = liveTexts(texts, address, read);
      if (!seenTexts || (seen && seen.state !== "serving")) return seen;
      const observed = await live.observe(seenTexts, signal);
      if (!("reason" in observed)) return observed;
      const { reason } = observed;
      return seen
        ? { state: "changed", why: reason }
        : { state: "down", why: `${title}: ${reason}` };
    },
    async adopt(signal) {
      await plain.adopt?.(signal);
      live.invalidate();
      if (seenTexts) await live.recordLoad(seenTexts, signal);
    },
    async counters(signal) {
      const answer = await control.counters(signal);
      return typeof answer === "string" ? parseCounters(answer) : [];
    },
  };
}

function noControlServer(address: string): string {
  return (
    `its text has no control server at ${address}: servers are changed without a reload with a template that uses the ` +
    "partial nginx-live, and nginx's Lua module (package libnginx-mod-http-lua)"
  );
}

function adjusted(count: number, what: string): Applied {
  return `adjusted (${counted(count, what)})`;
}

function withReason(applied: Applied, reason: string | undefined): Applied {
  return applied === "reloaded" && reason !== undefined ? `reloaded (${reason})` : applied;
}
