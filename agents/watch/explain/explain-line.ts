import { readFile } from "node:fs/promises";
import { alignLines, linesOf } from "../../../lib/base/align-lines.ts";
import type { Clock } from "../../../lib/base/clock.ts";
import { Fault, ifSystem } from "../../../lib/base/fault.ts";
import type { LineExplanation } from "../../../lib/overview/explanation.ts";
import { generationPlaceholder, unstamped } from "../../../lib/render/generation.ts";
import { faults } from "../../faults.ts";
import type { GroupFile, TemplateGroup } from "../groups.ts";
import { hiding } from "../hiding.ts";
import { diskNotes } from "./file-lines.ts";
import { keysOfLine, usualLimits } from "./keys-of-line.ts";
import type { Trials } from "./trials.ts";

/** A file, and its text as it was accepted last; without trials, none was. */
interface Accepted {
  readonly group: TemplateGroup;
  readonly file: GroupFile;
  readonly trials: Trials | undefined;
}

/** The keys that a line of the file on the disk depends on. Throws AGENT_LINE_UNKNOWN. */
export async function explainLine(
  { group, file, trials }: Accepted,
  number: number,
  clock: Clock,
): Promise<Omit<LineExplanation, "status">> {
  const target = file.plan.target.path;
  const disk = await readFile(target, "utf8").catch(ifSystem);
  const lines = linesOf(disk ?? "");
  const asked = lines[number - 1];
  if (asked === undefined) throw faults.AGENT_LINE_UNKNOWN({ target, count: lines.length });
  const text = trials ? hiding(group, trials.pools)(asked) : asked;
  const answer = { target, number, text };
  const none = (note: string) => ({ ...answer, keys: [], isComplete: false, notes: [note] });
  if (!trials) return none("no text of it was accepted since the start");
  if (!file.source.canTryOut)
    return none("its template looks names up, and is not rendered again to find the keys");
  const base = await trials.base();
  if (base instanceof Fault) return none(`it cannot be rendered now: ${base.message}`);
  const notes = diskNotes(unstamped(disk ?? ""), base, group);
  const index = alignLines(linesOf(unstamped(disk ?? "")), base)[number - 1];
  if (index === undefined)
    return {
      ...none("the text in sync has no such line"),
      notes: [...notes, "the text in sync has no such line"],
    };
  const isMark = base[index]?.includes(generationPlaceholder) === true;
  const mark =
    "it has a digest of the whole text, and changes with every key that the text depends on";
  const tried = await keysOfLine(trials, base, index, usualLimits, clock);
  const keys = tried.found
    .map(({ entry: { key, revision }, isRequired }) => ({ key, revision, isRequired }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  return {
    ...answer,
    keys,
    isComplete: tried.isComplete && !isMark,
    notes: isMark ? [...notes, mark] : notes,
  };
}
