import { sameEnds } from "./same-ends.ts";
import {
  beginsSection,
  headingOf,
  type Inherited,
  readSection,
  type Section,
  type Servers,
} from "./section.ts";

/** A configuration, split into the servers that can be changed at run time and everything else. */
export interface Configuration {
  readonly text: string;
  readonly sections: readonly Section[];
  /** Only pools with servers that can be changed at run time. */
  readonly pools: ReadonlyMap<string, Servers>;
  /** Everything else, for each section, without comments and with normalized white space. */
  readonly rest: readonly string[];
}

/**
 * Parses the text of a configuration file. Servers that only haproxy itself can evaluate are part of `rest`: from a
 * `server-template`, within a condition, or with defaults from another file. Only the sections that differ from those of `before`
 * are read; the others are the same objects. The result does not depend on it.
 */
export function readConfiguration(text: string, before?: Configuration): Configuration {
  if (text === before?.text) return before;
  const defaults = new Defaults();
  const sections: Section[] = [];
  for (const part of split(text, before)) {
    const inherited = defaults.inheritedBy(part.section ?? headingOf(part.text()));
    const isKnown = part.section !== undefined && part.section.inherited === inherited;
    const section = isKnown ? part.section : readSection(part.text(), inherited, part.known);
    defaults.add(section);
    sections.push(section);
  }
  const isConditional = sections.some((one) => one.isConditional);
  const pools = new Map<string, Servers>();
  const rest: string[] = [];
  for (const section of sections) {
    const servers = isConditional ? undefined : section.servers;
    if (servers && !pools.has(section.name)) {
      pools.set(section.name, servers);
      rest.push(section.rest);
    } else {
      rest.push([section.rest, ...serverLines(section)].join("\n"));
    }
  }
  // Before the first section there may be comments only.
  return { text, sections, pools, rest: rest.filter((part) => part !== "") };
}

/** `readConfiguration` that knows the last few texts: the desired text now is the loaded text of the next change. */
export function cachingReader(): typeof readConfiguration {
  let known: readonly Configuration[] = [];
  return (text, before) => {
    const found = known.find((one) => one.text === text) ?? readConfiguration(text, before);
    known = [found, ...known.filter((one) => one !== found)].slice(0, cacheSize);
    return found;
  };
}

const cacheSize = 4;

/** A section of a text: that of another text if it is the same there, or else the one with the same heading, if there is one. */
interface Part {
  readonly section: Section | undefined;
  readonly known: Section | undefined;
  readonly text: () => string;
}

/** Cuts a text into its sections. Those at the beginning and the end that it has in common with `before` are not looked at. */
function split(text: string, before: Configuration | undefined): readonly Part[] {
  const old = before?.sections ?? [];
  const common = sameEnds(before?.text ?? "", text);
  const starts = startsOf(old);
  // A section ends where the next one begins: only with its keyword in the common part is it the same.
  const isInHead = (i: number) => {
    const end = before?.text.indexOf("\n", starts[i]) ?? -1;
    return i < old.length && end >= 0 && end < common.head;
  };
  let head = 0;
  while (isInHead(head + 1)) head += 1;
  let tail = old.length;
  const oldLength = before?.text.length ?? 0;
  // The line break before it is in the common part, too.
  while (tail > head && (starts[tail - 1] ?? 0) > oldLength - common.tail) tail -= 1;
  const same = (from: number, to: number, shift: number) =>
    old.slice(from, to).map((section, i): Part => {
      const start = (starts[from + i] ?? 0) + shift;
      const cut = () => text.slice(start, start + section.length);
      return { section, known: section, text: cut };
    });
  const changed = new Map(old.slice(head, tail).map((one) => [titleOf(one), one]));
  const shift = text.length - oldLength;
  const middle = text.slice(starts[head] ?? 0, (starts[tail] ?? oldLength) + shift);
  const read = cutSections(middle).map(
    (part): Part => ({
      section: undefined,
      known: changed.get(titleOf(headingOf(part))),
      text: () => part,
    }),
  );
  return [...same(0, head, 0), ...read, ...same(tail, old.length, shift)];
}

/** Where sections begin in their text, and where the last one ends. */
function startsOf(sections: readonly Section[]): readonly number[] {
  const starts = [0];
  for (const { length } of sections) starts.push((starts.at(-1) ?? 0) + length);
  return starts;
}

function cutSections(text: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf("\n", at);
    const next = end < 0 ? text.length : end + 1;
    if (at > start && beginsSection(text.slice(at, next))) {
      parts.push(text.slice(start, at));
      start = at;
    }
    at = next;
  }
  if (start < text.length) parts.push(text.slice(start));
  return parts;
}

function titleOf({ kind, name }: Pick<Section, "kind" | "name">): string {
  return `${kind} ${name}`;
}

function serverLines({ lines }: Section): readonly string[] {
  return lines.flatMap(({ declared, text }) => (declared ? [text] : []));
}

/** The options that the sections so far hand down. */
class Defaults {
  /** Undefined at first: another file may have set defaults. */
  #last: Inherited;
  readonly #named = new Map<string, Inherited>();

  inheritedBy({ kind, parent }: Pick<Section, "kind" | "parent">): Inherited {
    if (parent !== undefined) return this.#named.get(parent);
    return kind === "defaults" ? noOptions : this.#last;
  }

  add({ kind, name, bequeathed }: Section): void {
    if (kind !== "defaults") return;
    this.#last = bequeathed;
    this.#named.set(name, bequeathed);
  }
}

const noOptions: Inherited = [];
