import { readFile } from "node:fs/promises";
import type { Clock } from "../../../lib/base/clock.ts";
import { Fault, ifSystem, sentence } from "../../../lib/base/fault.ts";
import type { Pools } from "../../../lib/view/contract.ts";
import type { Texts } from "../ahead.ts";
import type { TemplateGroup } from "../groups.ts";
import { hiding } from "../hiding.ts";
import { hasCheck, validateTexts } from "../judge.ts";
import { naming, RejectionOfKeys } from "../judgement.ts";
import { changeOf } from "../write.ts";
import type { RenderedState } from "./render-state.ts";
import type { SimulatedCheck, SimulatedGroup, SimulatedProxy } from "./simulation.ts";

/** The texts of a group, and the services that they are made from. */
interface Made {
  readonly texts: Texts;
  readonly pools: Pools;
}

/** What becomes of the files of one proxy. Throws nothing for a program or a folder that is not on this machine. */
export async function simulateGroup(
  group: TemplateGroup,
  before: RenderedState,
  after: RenderedState,
  clock: Clock,
  signal: AbortSignal,
): Promise<SimulatedGroup> {
  const { title } = group;
  const hides = [before, after].map(({ poolsOf }) => hiding(group, poolsOf(group)));
  const hide = (text: string) => hides.reduce((hidden, one) => one(hidden), text);
  const [base, now] = [before.groups.get(group), after.groups.get(group)];
  if (now instanceof Fault) {
    const why = hide(sentence(now));
    const check = { result: "refused", why, keys: [], wasRefused: false } as const;
    return { title, files: [], check, hide };
  }
  const textsBefore: Texts = base && !(base instanceof Fault) ? base.texts : new Map();
  const texts: Texts = now?.texts ?? new Map();
  const files = Array.from(texts, ([target, text]) => {
    return { target, before: textsBefore.get(target) ?? "", after: text };
  });
  const isChanged = files.some((one) => one.before !== one.after);
  const proxy = await proxyOf(group, textsBefore, texts, isChanged, signal);
  const made = { texts, pools: after.poolsOf(group) };
  const madeBefore = { texts: textsBefore, pools: before.poolsOf(group) };
  const check = isChanged
    ? await checkOf(group, madeBefore, made, clock, signal)
    : notRun("the texts are the same");
  return { title, files, ...(proxy && { proxy }), check, hide };
}

async function proxyOf(
  { proxy }: TemplateGroup,
  before: Texts,
  after: Texts,
  isChanged: boolean,
  signal: AbortSignal,
): Promise<SimulatedProxy | undefined> {
  if (!proxy) return undefined;
  const { title } = proxy;
  if (!isChanged) return { title, change: { how: "unchanged" } };
  const foreseen = await proxy.foresee?.(changeOf(before, after), await areInFiles(before), signal);
  return { title, change: foreseen ?? { how: "reloaded" } };
}

/** Whether the files on the disk have these texts. A file that cannot be read may have any. */
async function areInFiles(texts: Texts): Promise<boolean> {
  for (const [target, text] of texts) {
    const current = await readFile(target, "utf8").catch(ifSystem);
    if (current !== text) return false;
  }
  return true;
}

async function checkOf(
  group: TemplateGroup,
  before: Made,
  after: Made,
  clock: Clock,
  signal: AbortSignal,
): Promise<SimulatedCheck> {
  if (!hasCheck(group)) return notRun("there is no check command");
  try {
    const judgement = await validateTexts(group, after.texts, after.pools, clock, signal);
    if (!judgement) return { result: "accepted", why: "", keys: [], wasRefused: false };
    const fault = naming(judgement);
    const known = await validateTexts(group, before.texts, before.pools, clock, signal);
    const keys = fault instanceof RejectionOfKeys ? fault.keys : [];
    const why = hiding(group, before.pools)(fault.message);
    return { result: "refused", why, keys, wasRefused: known !== undefined };
  } catch (error) {
    if (signal.aborted || !(error instanceof Fault)) throw error;
    return notRun(sentence(error));
  }
}

function notRun(why: string): SimulatedCheck {
  return { result: "not run", why, keys: [], wasRefused: false };
}
