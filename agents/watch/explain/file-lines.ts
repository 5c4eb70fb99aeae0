import { readFile } from "node:fs/promises";
import { linesOf } from "../../../lib/base/align-lines.ts";
import { Fault, ifSystem } from "../../../lib/base/fault.ts";
import type { ExplainedFile } from "../../../lib/overview/explanation.ts";
import { unstamped } from "../../../lib/render/generation.ts";
import type { Pools } from "../../../lib/view/contract.ts";
import type { TemplateGroup } from "../groups.ts";
import { hiding } from "../hiding.ts";
import type { Trials } from "./trials.ts";
import { linesOfKey } from "./tried-lines.ts";

/** So many lines of a file are shown. */
const mostLines = 20;

type FileLines = Pick<ExplainedFile, "lines" | "notes">;

export const noLines: FileLines = { lines: { shown: [], more: 0, isExact: true }, notes: [] };

/** The lines of a file that come from an entry, and what there is to add about the file. */
export async function fileLines(
  key: string,
  trials: Trials,
  group: TemplateGroup,
): Promise<FileLines> {
  const { file, pools } = trials;
  const { path } = file.plan.target;
  const hide = hiding(group, pools);
  const shownAt = (base: readonly string[], indexes: readonly number[], isExact: boolean) => {
    const first = indexes.slice(0, mostLines);
    const shown = first.map((i) => ({ number: i + 1, text: hide(base[i] ?? "") }));
    return { shown, more: indexes.length - first.length, isExact };
  };
  // Pinned texts are not made from the entry.
  if (group.pin.active || !file.source.canTryOut) {
    const base = linesOf(group.verified?.get(path) ?? "");
    const tokens = tokensOf(key, pools);
    const isShown = (line: string) => tokens.some((one) => line.includes(one));
    const indexes = base.flatMap((line, i) => (isShown(line) ? [i] : []));
    return { lines: shownAt(base, indexes, false), notes: pinNotes(group) };
  }
  const base = await trials.base();
  if (base instanceof Fault)
    return { ...noLines, notes: [`it cannot be rendered now: ${base.message}`] };
  const { lines, fault } = await linesOfKey(trials, base, key);
  const disk = unstamped((await readFile(path, "utf8").catch(ifSystem)) ?? "");
  const required = fault ? [`it cannot be rendered without it: ${hide(fault.message)}`] : [];
  const notes = [...diskNotes(disk, base, group), ...required];
  return { lines: shownAt(base, lines, true), notes };
}

/** How the file on the disk differs from the text that was rendered; both without their generations. */
export function diskNotes(
  disk: string,
  base: readonly string[],
  { ahead, pin }: Pick<TemplateGroup, "ahead" | "pin">,
): readonly string[] {
  if (pin.active) return pinNotes({ pin });
  if (ahead) return ["the proxy is ahead of the file, which follows within seconds"];
  const isSame = linesOf(disk).join("\n") === base.join("\n");
  if (isSame) return [];
  return [
    "the file on the disk has another text: it was changed by another program, or the latest text was not accepted",
  ];
}

function pinNotes({ pin: { active } }: Pick<TemplateGroup, "pin">): readonly string[] {
  return active ? [`the file is pinned to generation ${active.n}: ${active.reason}`] : [];
}

/** What an instance is recognized by in a text that cannot be rendered again. */
function tokensOf(key: string, { byName, sources, snapshot }: Pools): readonly string[] {
  const found = [...sources.servicesOf(key)].flatMap(
    (name) => byName.get(name)?.instances.filter((one) => one.key === key) ?? [],
  );
  const addresses = found.flatMap((one) => [
    one.address,
    ...(one.resolved ?? []).map((r) => r.address),
  ]);
  const { value = "" } = snapshot.get(key) ?? {};
  return addresses.length > 0 || value === "" ? addresses : [value];
}
