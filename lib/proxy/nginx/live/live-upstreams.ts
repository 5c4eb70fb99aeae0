import { hash } from "node:crypto";
import type { Observed } from "../../contract.ts";
import { listed } from "../../listed.ts";
import type { Control, ControlFailure, Listing } from "./control.ts";
import { describeDifferences } from "./describe-differences.ts";
import type { LiveAdjustPlan, LiveTexts } from "./plan.ts";
import type { Peers, Upstreams } from "./texts.ts";

/** What nginx was verified to run with. */
interface VerifiedLoad {
  readonly load: string;
  readonly rest: string;
  /** The number of changes at which all peers were compared; undefined if they were not since the last change. */
  readonly changes?: number;
}

/** Changes the peers of a running nginx without a reload, as long as it has loaded our files. */
export class LiveUpstreams {
  readonly #control: Control;
  #verified: VerifiedLoad | undefined;

  constructor(control: Control) {
    this.#control = control;
  }

  /** Gives nginx the peers that differ, which are not in its file yet, and reads them back. */
  async adjust(
    { touched }: LiveAdjustPlan,
    signal: AbortSignal,
  ): Promise<ControlFailure | undefined> {
    const verified = this.#verified;
    if (!verified) return unknownFiles;
    const failure = await this.#put([...touched], { load: verified.load, isInFile: false }, signal);
    if (failure) return failure;
    return await this.#verify(touched, verified, { isInFile: false }, signal);
  }

  /** Gives nginx all the peers of its file, where it has others, and reads them back. Gives how many upstreams had others. */
  async converge(
    { upstreams, rest }: LiveTexts,
    signal: AbortSignal,
  ): Promise<ControlFailure | { readonly upstreams: number }> {
    if (this.#verified && this.#verified.rest !== rest) return unknownFiles;
    const before = await this.#control.list(true, signal);
    if ("reason" in before) return before;
    const isKnown = this.#verified !== undefined || before.noted === digestOf(rest);
    if (!isKnown) return unknownFiles;
    const verified = this.#verified ?? { load: before.load, rest };
    if (before.load !== verified.load) return otherLoad;
    const due = differing(before, upstreams, { isInFile: true });
    if (due.length === 0) {
      this.#verified = { ...verified, changes: before.changes };
      return { upstreams: 0 };
    }
    const failure =
      (await this.#put(due, { load: verified.load, isInFile: true }, signal)) ??
      (await this.#verify(upstreams, verified, { isInFile: true }, signal));
    return failure ?? { upstreams: due.length };
  }

  /** To be called before a reload: from then on it is unknown which files nginx has loaded. */
  invalidate(): void {
    this.#verified = undefined;
  }

  /** To be called once nginx is known to have loaded these texts. */
  async recordLoad({ rest }: LiveTexts, signal: AbortSignal): Promise<ControlFailure | undefined> {
    const now = await this.#control.list(false, signal);
    if ("reason" in now) return now;
    this.#verified = { load: now.load, rest };
    await this.#control.note(now.load, digestOf(rest), signal);
    await this.#control.protect();
    return undefined;
  }

  /** Compares nginx with these texts. A failure if it does not answer. */
  async observe(
    { upstreams, rest }: LiveTexts,
    signal: AbortSignal,
  ): Promise<Observed | ControlFailure> {
    const now = await this.#control.list(false, signal);
    if ("reason" in now) return now;
    const verified = this.#verified;
    if (!verified) return { state: "serving" };
    if (now.load !== verified.load) return { state: "replaced" };
    if (now.changes === verified.changes && rest === verified.rest) return { state: "serving" };
    const all = await this.#control.list(true, signal);
    if ("reason" in all) return all;
    const different = differing(all, upstreams, { isInFile: false });
    if (different.length === 0) {
      this.#verified = { ...verified, changes: all.changes };
      return { state: "serving" };
    }
    const found = await describeDifferences(different, this.#control, signal);
    return { state: "changed", why: listed(found) };
  }

  /** Why nginx, as it runs now, could not be given these peers: empty if it could. Changes nothing. */
  async conflicts(
    { upstreams }: LiveTexts,
    signal: AbortSignal,
  ): Promise<readonly string[] | ControlFailure> {
    const now = await this.#control.list(true, signal);
    if ("reason" in now) return now;
    const missing = [...upstreams.keys()].filter((name) => !now.upstreams.has(name));
    return missing.map((name) => `${name} is not an upstream of the running nginx`);
  }

  async #put(
    due: readonly (readonly [string, Peers])[],
    how: Parameters<Control["put"]>[2],
    signal: AbortSignal,
  ): Promise<ControlFailure | undefined> {
    for (const [name, peers] of due) {
      const answer = await this.#control.put(name, peers, how, signal);
      if (typeof answer !== "string") return answer;
    }
    return undefined;
  }

  async #verify(
    upstreams: Upstreams,
    { load, rest }: VerifiedLoad,
    where: Where,
    signal: AbortSignal,
  ): Promise<ControlFailure | undefined> {
    const now = await this.#control.list(true, signal);
    if ("reason" in now) return now;
    if (now.load !== load) return otherLoad;
    const [wrong] = differing(now, upstreams, where);
    if (wrong) {
      return { reason: `${wrong[0]} was changed by another program meanwhile`, isRefused: true };
    }
    this.#verified = { load, rest, ...(where.isInFile && { changes: now.changes }) };
    return undefined;
  }
}

interface Where {
  /** The file has the peers, too, and nginx has to know that. */
  readonly isInFile: boolean;
}

const unknownFiles: ControlFailure = { reason: "it is not known which files it has loaded" };
const otherLoad: ControlFailure = { reason: "its files were loaded again meanwhile" };

/** The upstreams of which nginx has other peers. */
function differing(
  now: Listing,
  upstreams: Upstreams,
  { isInFile }: Where,
): readonly (readonly [string, Peers])[] {
  return [...upstreams].filter(([name, { text }]) => {
    const digest = digestOf(text);
    const one = now.upstreams.get(name);
    return one?.digest !== digest || (isInFile && one.fileDigest !== digest);
  });
}

function digestOf(text: string): string {
  return hash("md5", text);
}
