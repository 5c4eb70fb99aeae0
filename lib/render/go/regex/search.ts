import type { Instruction, Program } from "./program.ts";
import type { Assertion } from "./tree.ts";

/** Places by slot (see Instruction): undefined for a group that matched nothing. */
export type Places = readonly (number | undefined)[];

/** One way through the program, with the places that it remembers. */
interface Thread {
  readonly at: number;
  readonly places: Places;
}

/**
 * The first match from a place on: of those that start first, the one that the expression prefers. All ways are followed at
 * once, character by character, so that the time grows with the length of the text alone, whatever the expression.
 */
export function search(
  program: Program,
  text: readonly string[],
  from: number,
): Places | undefined {
  let threads: readonly Thread[] = [];
  let found: Places | undefined;
  for (let place = from; place <= text.length; place += 1) {
    const candidates = found ? threads : [...threads, { at: program.start, places: [] }];
    if (candidates.length === 0) return found;
    const ready = advanced(program, candidates, text, place);
    const end = ready.findIndex(({ at }) => program.instructions[at]?.op === "match");
    if (end >= 0) found = ready[end]?.places;
    // The ways behind a match are preferred less.
    threads = taking(program, end < 0 ? ready : ready.slice(0, end), text[place]);
  }
  return found;
}

/** The threads whose instruction takes the character, behind it. */
function taking(
  { instructions }: Program,
  threads: readonly Thread[],
  character: string | undefined,
): readonly Thread[] {
  if (character === undefined) return [];
  return threads.flatMap(({ at, places }) => {
    const instruction = instructions[at];
    const isTaken = instruction?.op === "character" && instruction.matches(character);
    return isTaken ? [{ at: instruction.next, places }] : [];
  });
}

/** Follows the threads to the instructions that take a character, or match; each once, on the preferred way. */
function advanced(
  { instructions }: Program,
  threads: readonly Thread[],
  text: readonly string[],
  place: number,
): readonly Thread[] {
  const ready: Thread[] = [];
  const visited = new Set<number>();
  const pending = threads.toReversed();
  for (let thread = pending.pop(); thread; thread = pending.pop()) {
    if (visited.has(thread.at)) continue;
    visited.add(thread.at);
    const instruction = instructions[thread.at] as Instruction;
    if (instruction.op === "character" || instruction.op === "match") ready.push(thread);
    else pending.push(...following(instruction, thread.places, text, place));
  }
  return ready;
}

/** The threads after an instruction that takes no character; the preferred one is the last. */
function following(
  instruction: Exclude<Instruction, { readonly op: "character" | "match" }>,
  places: Places,
  text: readonly string[],
  place: number,
): readonly Thread[] {
  if (instruction.op === "split") {
    return [
      { at: instruction.second, places },
      { at: instruction.first, places },
    ];
  }
  if (instruction.op === "assertion") {
    return holds(instruction.assertion, text, place) ? [{ at: instruction.next, places }] : [];
  }
  const saved = [...places];
  saved[instruction.slot] = place;
  return [{ at: instruction.next, places: saved }];
}

function holds(assertion: Assertion, text: readonly string[], place: number): boolean {
  const [before, after] = [text[place - 1], text[place]];
  switch (assertion) {
    case "textStart":
      return before === undefined;
    case "textEnd":
      return after === undefined;
    case "lineStart":
      return before === undefined || before === "\n";
    case "lineEnd":
      return after === undefined || after === "\n";
    default: {
      const isBoundary = isWord(before) !== isWord(after);
      return isBoundary === (assertion === "boundary");
    }
  }
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /^\w$/.test(character);
}
