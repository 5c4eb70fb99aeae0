import { type Configuration, readConfiguration } from "./configuration.ts";
import type { Section, Servers } from "./section.ts";

/**
 * The running text with the servers that the desired one has in its sections, as far as they can be changed at run time: a section
 * that is in one of both texts alone stays as it is. A server whose options differ keeps its own, and gets no requests if it is
 * to get none.
 */
export function graft(running: string, desired: string): string {
  const before = readConfiguration(running);
  const after = readConfiguration(desired, before);
  let start = 0;
  const parts = before.sections.map((section) => {
    const part = running.slice(start, start + section.length);
    start += section.length;
    const wanted = readable(after, section.name);
    const isReadable = section.servers !== undefined && readable(before, section.name) === section;
    return isReadable && wanted?.servers ? graftIn(part, section, wanted) : part;
  });
  return parts.join("");
}

/** The section whose servers are those of a pool. */
function readable({ sections, pools }: Configuration, name: string): Section | undefined {
  const servers = pools.get(name);
  return servers && sections.find((one) => one.servers === servers);
}

function graftIn(text: string, section: Section, wanted: Section): string {
  const own = section.servers as Servers;
  const lines = new Map(
    wanted.lines.flatMap((one) => (one.declared ? [[one.declared.name, one.raw] as const] : [])),
  );
  const grafted = Array.from(wanted.servers ?? [], ([name, server]) => {
    const known = own.get(name);
    if (known && known.settings !== server.settings) {
      const raw = rawOf(section, name);
      return server.weight === 0 || server.disabled ? withoutWeight(raw) : raw;
    }
    return lines.get(name) ?? "";
  });
  const kept: string[] = [];
  let i = 0;
  let at: number | undefined;
  for (const untrimmed of text.split("\n")) {
    const raw = untrimmed.trim();
    const line = raw === "" || raw.startsWith("#") ? undefined : section.lines[i];
    if (line) i += 1;
    if (line?.declared) at ??= kept.length;
    else kept.push(untrimmed);
  }
  // Without servers so far, they follow the last line.
  const end = kept.findLastIndex((one) => one.trim() !== "") + 1;
  kept.splice(at ?? end, 0, ...grafted.map((line) => `  ${line}`));
  return kept.join("\n");
}

function rawOf({ lines }: Section, name: string): string {
  return lines.find(({ declared }) => declared?.name === name)?.raw ?? "";
}

/** The last weight of a line counts. */
export function withoutWeight(line: string): string {
  const [bare = "", ...comment] = line.split("#");
  return [`${bare.trimEnd()} weight 0`, ...comment].join(comment.length > 0 ? " #" : "");
}
