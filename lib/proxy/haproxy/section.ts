import { readServer, type Server } from "./server-line.ts";

/** The servers of one `backend` or `listen` section, by name. */
export type Servers = ReadonlyMap<string, Server>;

/** The options that servers inherit from the lines above them; undefined if they are not known. */
export type Inherited = readonly string[] | undefined;

/** A section of a configuration, from its keyword to the next section. */
export interface Section {
  /** The number of characters of its text. */
  readonly length: number;
  /** Empty for what stands before the first section. */
  readonly kind: string;
  readonly name: string;
  /** The name of the `defaults` section after `from`. */
  readonly parent: string | undefined;
  /** What its servers inherit from other sections. */
  readonly inherited: Inherited;
  /** What the lines of the section add to that; of `defaults`, what other sections inherit. */
  readonly bequeathed: Inherited;
  /** Its lines, without comments. */
  readonly lines: readonly Line[];
  /** The lines that declare no servers, with normalized white space. */
  readonly rest: string;
  /** Undefined if they cannot be changed at run time. */
  readonly servers: Servers | undefined;
  /** It has lines that apply under a condition only. */
  readonly isConditional: boolean;
}

/** A line of a section, as it is read below the options that servers inherit at its place. */
export interface Line {
  readonly raw: string;
  /** With normalized white space. */
  readonly text: string;
  readonly inherited: Inherited;
  /** What servers below it inherit. */
  readonly bequeathed: Inherited;
  /** The server that it declares, in a section of servers. */
  readonly declared: Declared | undefined;
  /** The servers of its section cannot be changed at run time. */
  readonly isFixing: boolean;
}

interface Declared {
  readonly name: string;
  /** Undefined if it needs a reload. */
  readonly server: Server | undefined;
}

/** The keywords that begin a section: `server` lines have another meaning in some of them. */
const sectionKeywords = new Set([
  ...["global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "userlist"],
  ...["mailers", "program", "cache", "ring", "http-errors", "fcgi-app", "log-forward"],
  ...["crt-store", "log-profile", "traces", "acme"],
]);

/** Characters by which haproxy expands or joins words in a file, but not in a command. */
const quotingCharacters = /["'\\$;<]/;

const condition = /^\s*\.(if|elif|else|endif)\b/m;

/** Whether a line begins a section. */
export function beginsSection(line: string): boolean {
  return sectionKeywords.has(/^\s*([^\s#]*)/.exec(line)?.[1] ?? "");
}

/** What a section is, by its first line; undefined if it stands before the first section. */
export function headingOf(text: string): Pick<Section, "kind" | "name" | "parent"> {
  const end = text.indexOf("\n");
  const line = end < 0 ? text : text.slice(0, end);
  if (!beginsSection(line)) return { kind: "", name: "", parent: undefined };
  const { words } = wordsOf(line.trim());
  const [kind = "", name = ""] = words;
  return { kind, name, parent: / from (\S+)/.exec(words.join(" "))?.[1] };
}

/** Reads the text of one section. Lines that `known`, which has the same heading, has below the same options are not read again. */
export function readSection(text: string, inherited: Inherited, known?: Section): Section {
  const heading = headingOf(text);
  const { kind } = heading;
  const isPool = isPoolKind(kind);
  const knownLines = new Map(known?.lines.map((line) => [line.raw, line]));
  const lines: Line[] = [];
  const servers = new Map<string, Server>();
  let bequeathed = inherited;
  let isFixed = !isPool || inherited === undefined;
  for (const untrimmed of text.split("\n")) {
    const raw = untrimmed.trim();
    if (raw === "" || raw.startsWith("#")) continue;
    const read = knownLines.get(raw);
    const isAsBefore = read !== undefined && read.inherited === bequeathed;
    const line = isAsBefore ? read : readLine(detached(raw), kind, bequeathed);
    lines.push(line);
    bequeathed = line.bequeathed;
    const { declared } = line;
    if (declared?.server && !servers.has(declared.name)) {
      servers.set(declared.name, declared.server);
    } else if (declared || line.isFixing) {
      isFixed = true;
    }
  }
  const rest = lines.flatMap(({ declared, text }) => (declared ? [] : [text])).join("\n");
  return {
    ...{ ...heading, length: text.length, inherited, bequeathed, lines, rest },
    servers: isFixed ? undefined : servers,
    isConditional: condition.test(text),
  };
}

export function isPoolKind(kind: string): boolean {
  return kind === "backend" || kind === "listen";
}

function readLine(raw: string, kind: string, inherited: Inherited): Line {
  const { words, isQuoted } = wordsOf(raw);
  const [keyword, name = "", ...options] = words;
  const isPool = isPoolKind(kind);
  const line = { raw, text: words.join(" "), inherited };
  if (isPool && keyword === "server") {
    const server = isQuoted ? undefined : readServer(options, inherited ?? []);
    return { ...line, bequeathed: inherited, declared: { name, server }, isFixing: false };
  }
  const bequeathed =
    isPool || kind === "defaults" ? bequest(words, isQuoted, inherited) : inherited;
  const isFixing = keyword === "server-template" || bequeathed === undefined;
  return { ...line, bequeathed, declared: undefined, isFixing };
}

function bequest(
  [keyword, ...words]: readonly string[],
  isQuoted: boolean,
  inherited: Inherited,
): Inherited {
  // haproxy ignores the cookie of a server that is added at run time.
  if (keyword === "cookie") return undefined;
  if (keyword !== "default-server" || !inherited) return inherited;
  return isQuoted ? undefined : [...inherited, ...words];
}

function wordsOf(line: string) {
  const [bare = ""] = line.split("#");
  const isQuoted = quotingCharacters.test(bare);
  return { words: (isQuoted ? line : bare).trim().split(/\s+/), isQuoted };
}

/** A copy that does not keep the text alive from which it was cut: lines outlive the text in which they were read. */
function detached(line: string): string {
  return Buffer.from(line).toString();
}
