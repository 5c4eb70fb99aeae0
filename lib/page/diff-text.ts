import type { JournalReader } from "../journal/contract.ts";
import { differenceWithin } from "../journal/text-difference.ts";

/** How long the event loop is busy with the difference of one file at the most, in milliseconds. */
const mostMs = 100;

/** So many characters are shown. */
const mostLength = 200_000;

/** The difference that a generation made, as text of limited length. Throws JOURNAL_NO_GENERATION. */
export async function diffText(journal: Pick<JournalReader, "texts">, n: number): Promise<string> {
  const to = await journal.texts(n);
  if (to.before === undefined) return `The journal has no generation before ${n}.\n`;
  const from = await journal.texts(to.before);
  const names = [`generation ${to.before}`, `generation ${n}`] as const;
  const parts = Object.entries(to.texts).map(([target, text]) => {
    const before = from.texts[target];
    if (typeof text !== "string" || typeof before !== "string") {
      return `${target}: the journal no longer has both texts.\n`;
    }
    const tooMuch = `${target}: more differs than is shown here: sidekick diff ${n}\n`;
    return differenceWithin(mostMs, target, [before, text], names) ?? tooMuch;
  });
  const whole = parts.join("");
  if (whole === "") return `Generation ${n} changed no text.\n`;
  if (whole.length <= mostLength) return whole;
  return `${whole.slice(0, mostLength)}\nThe rest is not shown here: sidekick diff ${n}\n`;
}
