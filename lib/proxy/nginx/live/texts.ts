/** A server of an upstream: `weight=5`, with ` backup` after it for a backup server. */
export type Options = string;

/** The servers of one upstream, in the order of the text. */
export interface Peers {
  /** As nginx gets it: a line for each server. */
  readonly text: string;
  /** By address. */
  readonly servers: ReadonlyMap<string, Options>;
}

/** By the name of the upstream. */
export type Upstreams = ReadonlyMap<string, Peers>;

/** A text of nginx, split into the peers that can be changed at run time and everything else. */
export interface LiveText {
  readonly text: string;
  readonly upstreams: Upstreams;
  /** Without the generation, which depends on the peers. */
  readonly rest: string;
}

/** A member of the table that the partial `nginx-live` writes, with a string for each server: its name, and the lines. */
const block =
  /^[ \t]*\["([^"\\\n]+)"\] = \{\n((?:[ \t]*"[^\s"\\]+:\d+ weight=\d+(?: backup)?",\n)*)[ \t]*\},$/gm;
const quoted = /^[ \t]*"(.*)",$/gm;
const line = /^(\S+) (.*)$/gm;
const generation = /\bsidekick-[0-9a-f]{16}\b/g;

/** Reads the peers of a text. One that has no such table has no upstreams, and its rest is all of it. */
export function readLiveText(text: string): LiveText {
  const upstreams = new Map<string, Peers>();
  const rest = text.replaceAll(block, (all, name: string, lines: string) => {
    upstreams.set(name, readPeers(lines.replaceAll(quoted, "$1")));
    return all.slice(0, all.indexOf("\n"));
  });
  return { text, upstreams, rest: rest.replaceAll(generation, "") };
}

/** The text with other lines for some servers, as `change` gives them. */
export function withServers(
  text: string,
  change: (address: string, options: Options) => Options,
): string {
  return text.replaceAll(block, (all) =>
    all.replaceAll(quoted, (whole, one: string) => {
      const [address = "", ...options] = one.split(" ");
      return whole.replace(one, () => `${address} ${change(address, options.join(" "))}`);
    }),
  );
}

export function readPeers(text: string): Peers {
  const servers = new Map<string, Options>();
  for (const [, address = "", options = ""] of text.matchAll(line)) servers.set(address, options);
  return { text, servers };
}

/** `readLiveText` that knows the last few texts: the desired text now is the loaded one of the next change. */
export function cachingReader(): typeof readLiveText {
  let known: readonly LiveText[] = [];
  return (text) => {
    const found = known.find((one) => one.text === text) ?? readLiveText(text);
    known = [found, ...known.filter((one) => one !== found)].slice(0, cacheSize);
    return found;
  };
}

const cacheSize = 4;

/** Whether nginx, with this text, can be asked at this address to change its peers. */
export function hasControlServer({ rest }: LiveText, control: string): boolean {
  return rest.includes(`listen ${control};`) && rest.includes("sidekick.control()");
}

export function weightOf(options: Options): number {
  return Number(/^weight=(\d+)/.exec(options)?.[1]);
}
