import { readServer, type Server } from "./server-line.ts";

/** The servers of one `backend` or `listen` section, by name. */
export type Servers = ReadonlyMap<string, Server>;

/** A configuration, split into the servers that can be changed at run time and everything else. */
export interface Configuration {
  /** Only pools with servers that can be changed at run time. */
  readonly pools: ReadonlyMap<string, Servers>;
  /** Everything else, without comments and with normalized white space. */
  readonly rest: string;
}

/** The keywords that begin a section: `server` lines have another meaning in some of them. */
const sectionKeywords = new Set([
  ...["global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "userlist"],
  ...["mailers", "program", "cache", "ring", "http-errors", "fcgi-app", "log-forward"],
  ...["crt-store", "log-profile", "traces", "acme"],
]);

/** Characters by which haproxy expands or joins words in a file, but not in a command. */
const quotingCharacters = /["'\\$;<]/;

/**
 * Parses the text of a configuration file. Servers that only haproxy itself can evaluate are part of `rest`: from a
 * `server-template`, within a condition, or with defaults from another file.
 */
export function readConfiguration(text: string): Configuration {
  const reader = new ConfigurationReader(!/^\s*\.(if|elif|else|endif)\b/m.test(text));
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line !== "" && !line.startsWith("#")) reader.take(line);
  }
  return reader.end();
}

/** `readConfiguration` with a cache of the last few texts: the desired text now is the loaded text of the next change. */
export function cachingReader(): typeof readConfiguration {
  const known = new Map<string, Configuration>();
  return (text) => {
    const found = known.get(text) ?? readConfiguration(text);
    known.delete(text);
    known.set(text, found);
    const [oldest] = known.keys();
    if (known.size > cacheSize && oldest !== undefined) known.delete(oldest);
    return found;
  };
}

const cacheSize = 4;

/** The options that servers inherit from the lines above them; undefined if they are not known. */
type Inherited = readonly string[] | undefined;

interface Section {
  readonly kind: string;
  readonly name: string;
  inherited: Inherited;
}

class ConfigurationReader {
  readonly #pools = new Map<string, Servers>();
  readonly #rest: string[] = [];
  readonly #namedDefaults = new Map<string, Inherited>();
  /** Undefined at first: another file may have set defaults. */
  #lastDefaults: Inherited;
  #section: Section = { kind: "", name: "", inherited: undefined };
  #servers = new Map<string, Server>();
  #serverLines: string[] = [];
  /** Whether the servers of the section can be changed at run time. */
  #isAdjustable = false;
  /** Whether all lines apply, because there are no conditions. */
  readonly #isUnconditional: boolean;

  constructor(isUnconditional: boolean) {
    this.#isUnconditional = isUnconditional;
  }

  take(line: string): void {
    const [bare = ""] = line.split("#");
    const isQuoted = quotingCharacters.test(bare);
    const words = (isQuoted ? line : bare).trim().split(/\s+/);
    const [keyword = ""] = words;
    if (sectionKeywords.has(keyword)) this.#begin(words);
    const { kind } = this.#section;
    const isPool = kind === "backend" || kind === "listen";
    if (isPool && keyword === "server") {
      this.#addServer(words, isQuoted);
    } else {
      this.#rest.push(words.join(" "));
      if (isPool || kind === "defaults") this.#inherit(words, isQuoted);
    }
  }

  end(): Configuration {
    this.#finish();
    return { pools: this.#pools, rest: this.#rest.join("\n") };
  }

  #begin(words: readonly string[]): void {
    this.#finish();
    const [kind = "", name = ""] = words;
    const parent = / from (\S+)/.exec(words.join(" "))?.[1];
    const isDefaults = kind === "defaults";
    const start: Inherited = isDefaults ? [] : this.#lastDefaults;
    const inherited = parent === undefined ? start : this.#namedDefaults.get(parent);
    this.#section = { kind, name, inherited };
    this.#isAdjustable = this.#isUnconditional && inherited !== undefined;
  }

  /** Ends the section. If its servers cannot be changed at run time, their lines are part of the rest. */
  #finish(): void {
    const { kind, name, inherited } = this.#section;
    if (kind === "defaults") {
      this.#lastDefaults = inherited;
      this.#namedDefaults.set(name, inherited);
    }
    const isPool = kind === "backend" || kind === "listen";
    if (isPool && this.#isAdjustable && !this.#pools.has(name))
      this.#pools.set(name, this.#servers);
    else this.#rest.push(...this.#serverLines);
    this.#servers = new Map();
    this.#serverLines = [];
  }

  #addServer(words: readonly string[], isQuoted: boolean): void {
    const [, name = "", ...rest] = words;
    const server = isQuoted ? undefined : readServer(rest, this.#section.inherited ?? []);
    if (!server || this.#servers.has(name)) this.#isAdjustable = false;
    else this.#servers.set(name, server);
    this.#serverLines.push(words.join(" "));
  }

  #inherit([keyword = "", ...words]: readonly string[], isQuoted: boolean): void {
    const { inherited } = this.#section;
    if (keyword === "default-server" && inherited) {
      this.#section.inherited = isQuoted ? undefined : [...inherited, ...words];
    }
    // haproxy ignores the cookie of a server that is added at run time.
    if (keyword === "cookie") this.#section.inherited = undefined;
    if (keyword === "server-template" || !this.#section.inherited) this.#isAdjustable = false;
  }
}
