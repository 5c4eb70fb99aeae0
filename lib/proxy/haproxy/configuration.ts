import { readServer, type Server } from "./server-line.ts";

/** The servers of one `backend` or `listen` section, by name. */
export type Servers = ReadonlyMap<string, Server>;

/** A configuration, told apart into what can be changed while haproxy runs and what cannot. */
export interface Configuration {
  /** Only pools whose servers can be changed. */
  readonly pools: ReadonlyMap<string, Servers>;
  /** Everything else, in one form: comments and spaces make no difference. */
  readonly rest: string;
}

/** Where a section begins: `server` lines mean something else in some of them. */
const sections = new Set([
  ...["global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "userlist"],
  ...["mailers", "program", "cache", "ring", "http-errors", "fcgi-app", "log-forward"],
  ...["crt-store", "log-profile", "traces", "acme"],
]);

/** Text in which haproxy expands or joins words, which its command line would not do. */
const quoting = /["'\\$;<]/;

/**
 * Reads the text of a configuration file. Servers that only haproxy itself can understand, as those of a
 * `server-template`, below a condition, or whose defaults stand in another file, count as the rest.
 */
export function readConfiguration(text: string): Configuration {
  const reader = new Reader(!/^\s*\.(if|elif|else|endif)\b/m.test(text));
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line !== "" && !line.startsWith("#")) reader.take(line);
  }
  return reader.end();
}

/** Reads texts like `readConfiguration`, and one of the last few not again: what is wanted now is loaded the next time. */
export function rememberingReader(): typeof readConfiguration {
  const known = new Map<string, Configuration>();
  return (text) => {
    const found = known.get(text) ?? readConfiguration(text);
    known.delete(text);
    known.set(text, found);
    const [oldest] = known.keys();
    if (known.size > remembered && oldest !== undefined) known.delete(oldest);
    return found;
  };
}

const remembered = 4;

/** What servers get from the lines above them; undefined where we cannot tell. */
type Inherited = readonly string[] | undefined;

interface Section {
  readonly kind: string;
  readonly name: string;
  inherited: Inherited;
}

class Reader {
  readonly #pools = new Map<string, Servers>();
  readonly #rest: string[] = [];
  readonly #namedDefaults = new Map<string, Inherited>();
  /** Nothing is known of the defaults of another file. */
  #lastDefaults: Inherited;
  #section: Section = { kind: "", name: "", inherited: undefined };
  #servers = new Map<string, Server>();
  #lines: string[] = [];
  #clear = false;
  /** Whether it is certain which lines count. */
  readonly #certain: boolean;

  constructor(certain: boolean) {
    this.#certain = certain;
  }

  take(line: string): void {
    const [bare = ""] = line.split("#");
    const quoted = quoting.test(bare);
    const words = (quoted ? line : bare).trim().split(/\s+/);
    const [keyword = ""] = words;
    if (sections.has(keyword)) this.#begin(words);
    const { kind } = this.#section;
    const isPool = kind === "backend" || kind === "listen";
    if (isPool && keyword === "server") {
      this.#server(words, quoted);
    } else {
      this.#rest.push(words.join(" "));
      if (isPool || kind === "defaults") this.#inherit(words, quoted);
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
    this.#clear = this.#certain && inherited !== undefined;
  }

  /** Closes the section: the servers of one that is not clear are part of the rest. */
  #finish(): void {
    const { kind, name, inherited } = this.#section;
    if (kind === "defaults") {
      this.#lastDefaults = inherited;
      this.#namedDefaults.set(name, inherited);
    }
    const isPool = kind === "backend" || kind === "listen";
    if (isPool && this.#clear && !this.#pools.has(name)) this.#pools.set(name, this.#servers);
    else this.#rest.push(...this.#lines);
    this.#servers = new Map();
    this.#lines = [];
  }

  #server(words: readonly string[], quoted: boolean): void {
    const [, name = "", ...rest] = words;
    const server = quoted ? undefined : readServer(rest, this.#section.inherited ?? []);
    if (!server || this.#servers.has(name)) this.#clear = false;
    else this.#servers.set(name, server);
    this.#lines.push(words.join(" "));
  }

  #inherit([keyword = "", ...words]: readonly string[], quoted: boolean): void {
    const { inherited } = this.#section;
    if (keyword === "default-server" && inherited) {
      this.#section.inherited = quoted ? undefined : [...inherited, ...words];
    }
    // A cookie of a server that is added means nothing to haproxy.
    if (keyword === "cookie") this.#section.inherited = undefined;
    if (keyword === "server-template" || !this.#section.inherited) this.#clear = false;
  }
}
