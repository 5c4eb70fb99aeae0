import type { Command } from "commander";
import { candidatesFor } from "../completion/candidates.ts";
import { liveValues } from "../completion/live-values.ts";
import { filesMark, scripts } from "../completion/scripts.ts";
import type { Shell } from "../completion/shells.ts";
import type { World } from "../world.ts";

/** Prints the script of a shell. */
export function completion(shell: Shell, world: World): void {
  world.out.write(scripts[shell]);
}

/**
 * Prints what may stand at the place of the last of the words after `sidekick`, a line for each: the word, a tab, and what it means. The
 * shell selects the ones that begin with what is typed.
 */
export async function candidates(
  program: Command,
  words: readonly string[],
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const found = candidatesFor(program, words);
  if (found.kind === "files") return world.out.write(`${filesMark}\n`);
  const all =
    found.kind === "words"
      ? found.words
      : await liveValues(found.value, found.agent, world, signal);
  const lines = all.map(({ word, description }) => `${word}\t${oneLine(description)}\n`);
  world.out.write(lines.join(""));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}
