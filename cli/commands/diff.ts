import { printableJson } from "../../lib/base/printable.ts";
import type { GenerationTexts } from "../../lib/journal/contract.ts";
import { differenceBetween } from "../../lib/journal/text-difference.ts";
import { faults } from "../faults.ts";
import { journalOf } from "../journal-of.ts";
import type { AgentSelector } from "../locate-agent.ts";
import type { World } from "../world.ts";

export interface DiffOptions extends AgentSelector {
  readonly n: number;
  /** The generation to compare with; undefined for the one before `n` of the same files. */
  readonly m: number | undefined;
  /** Print JSON instead of text. */
  readonly json: boolean;
}

/** Prints unified diffs from generation `m`, or the one before `n`, to `n`. Throws CLI_DIFF_NOT_KEPT and CLI_DIFF_NOTHING_BEFORE. */
export async function diff(
  { n, m, json, ...selector }: DiffOptions,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const journal = await journalOf(selector, world, signal);
  const to = await journal.texts(n);
  const other = m ?? to.before;
  if (other === undefined) throw faults.CLI_DIFF_NOTHING_BEFORE({ n });
  const from = await journal.texts(other);
  const files = Object.keys(to.texts).map((target) => {
    const texts = [textIn(from, target), textIn(to, target)] as const;
    const names = [`generation ${other}`, `generation ${n}`] as const;
    return { target, diff: differenceBetween(target, texts, names) };
  });
  const text = files.map((one) => one.diff).join("");
  world.out.write(json ? `${printableJson({ from: other, to: n, files }, 2)}\n` : text);
}

/** Throws CLI_DIFF_NOT_KEPT. */
function textIn({ generation: { n }, texts }: GenerationTexts, target: string): string {
  const text = texts[target];
  if (typeof text === "string") return text;
  throw faults.CLI_DIFF_NOT_KEPT({ n, target, isThere: text === null });
}
