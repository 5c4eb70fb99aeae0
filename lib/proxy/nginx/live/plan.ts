import type { Change } from "../../contract.ts";
import { hasControlServer, type Peers, readLiveText, type Upstreams } from "./texts.ts";

/** The texts of all files together. */
export interface LiveTexts {
  readonly upstreams: Upstreams;
  /** Everything but the peers. */
  readonly rest: string;
}

/** How to make a running nginx use the new texts. */
export type LivePlan = LiveAdjustPlan | LiveReloadPlan;

/** The texts differ in nothing but peers. */
export interface LiveAdjustPlan {
  /** `none` if the texts mean the same to nginx. */
  readonly kind: "none" | "adjust";
  readonly desired: LiveTexts;
  /** The upstreams that differ from the loaded ones. */
  readonly touched: Upstreams;
  /** As `upstream/address`. */
  readonly changed: readonly string[];
}

/** The change cannot be made at run time. */
export interface LiveReloadPlan {
  readonly kind: "reload";
  /** For the log; undefined if it is not known which texts nginx runs with. */
  readonly reason: string | undefined;
  /** Undefined if the new texts have no control server. */
  readonly desired: LiveTexts | undefined;
}

/** The texts of all files; undefined if none has a control server at the address. */
export function liveTexts(
  texts: readonly string[],
  control: string,
  read = readLiveText,
): LiveTexts | undefined {
  const all = texts.map((text) => read(text));
  if (!all.some((one) => hasControlServer(one, control))) return undefined;
  const upstreams = new Map(all.flatMap((one) => [...one.upstreams]));
  return { upstreams, rest: all.map(({ rest }) => rest).join("\n") };
}

/** Compares the texts alone. */
export function planLive({ files }: Change, control: string, read = readLiveText): LivePlan {
  const desired = liveTexts(
    files.map((one) => one.desired),
    control,
    read,
  );
  if (!desired) return { kind: "reload", reason: undefined, desired };
  const texts = files.map(({ loaded }) => loaded);
  if (texts.some((text) => text === undefined)) {
    return { kind: "reload", reason: undefined, desired };
  }
  const loaded = liveTexts(texts as readonly string[], control, read);
  if (loaded?.rest !== desired.rest) {
    return { kind: "reload", reason: "more than servers changed", desired };
  }
  return compare(loaded, desired);
}

function compare(loaded: LiveTexts, desired: LiveTexts): LiveAdjustPlan {
  const touched = new Map<string, Peers>();
  const changed: string[] = [];
  for (const [name, peers] of desired.upstreams) {
    const before = loaded.upstreams.get(name);
    if (before?.text === peers.text) continue;
    touched.set(name, peers);
    changed.push(...changedServers(before, peers).map((address) => `${name}/${address}`));
  }
  return { kind: touched.size === 0 ? "none" : "adjust", desired, touched, changed };
}

function changedServers(before: Peers | undefined, after: Peers): readonly string[] {
  const known = before?.servers ?? new Map<string, string>();
  const removed = [...known.keys()].filter((address) => !after.servers.has(address));
  const different = [...after.servers].filter(([address, options]) => {
    return known.get(address) !== options;
  });
  return [...removed, ...different.map(([address]) => address)];
}
