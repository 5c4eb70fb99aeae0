import { counted } from "../../../base/counted.ts";
import type { Adjustment, Applied, Change, Observed, Proxy } from "../../contract.ts";
import { faults } from "../../faults.ts";
import { Control } from "./control.ts";
import { parseCounters } from "./counters.ts";
import { foreseeLive } from "./foresee.ts";
import { LiveUpstreams } from "./live-upstreams.ts";
import { type LivePlan, type LiveTexts, liveTexts, planLive } from "./plan.ts";
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
  /** The texts that were looked at last: those that nginx has loaded if it is adopted. */
  let seenTexts: LiveTexts | undefined;

  /** Compares all peers; or why a reload has to follow. Texts that are not known to the caller may be the ones that nginx has loaded. */
  const adjustAll = async (
    planned: LivePlan,
    signal: AbortSignal,
  ): Promise<Applied | { readonly reason?: string | undefined }> => {
    const { kind, desired } = planned;
    const reason = kind === "reload" ? planned.reason : undefined;
    if (!desired || reason !== undefined) return { reason };
    const converged = await live.converge(desired, signal);
    if ("reason" in converged) return kind === "reload" ? {} : converged;
    if (kind === "reload") await plain.adopt?.(signal);
    const servers = kind === "reload" ? 0 : planned.changed.length;
    return servers > 0 ? adjusted(servers, "server") : adjusted(converged.upstreams, "upstream");
  };

  const reload = async (
    change: Change,
    desired: LiveTexts | undefined,
    reason: string | undefined,
    signal: AbortSignal,
  ): Promise<Applied> => {
    live.invalidate();
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
    async apply(change, signal) {
      const planned = plan(change);
      const applied = await adjustAll(planned, signal);
      if (typeof applied === "string") return applied;
      return await reload(change, planned.desired, applied.reason, signal);
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
