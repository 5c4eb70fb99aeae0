import { isIP } from "node:net";
import type { Entry } from "../model/entry.ts";
import type { Endpoint } from "../model/pool.ts";
import type { Pools } from "./contract.ts";

/** The entries that a complaint points at. */
export interface Suspicion {
  readonly entries: readonly Entry[];
  /** The complaint's own words about them. */
  readonly message: string;
  /** The complaint has the address itself in it; otherwise it names a line where no other one stands. */
  readonly quoted: boolean;
}

/**
 * Whose fault it may be that these texts were refused: the entries whose address, or whose value, the
 * complaint quotes, or else the one that stands in the line that it names. All endpoints of a host that
 * has a name are suspected together, since the name is what cannot be used. Undefined where it is not
 * plain: then the fault may well be the template's.
 */
export function suspects(
  complaint: string,
  texts: ReadonlyMap<string, string>,
  pools: Pools,
): Suspicion | undefined {
  const marks = [...marksOf(pools)];
  for (const words of complaint.split(" | ")) {
    const found = ofOneHost(marks.filter(({ tokens }) => tokens.some((one) => stands(one, words))));
    if (found) return suspicion(found, words, true, pools);
  }
  for (const words of complaint.split(" | ")) {
    for (const line of linesIn(words, texts)) {
      const found = marks.filter(({ tokens }) => tokens.some((one) => stands(one, line)));
      if (found.length === 1) return suspicion(found, words, false, pools);
    }
  }
  return undefined;
}

/** An entry, and the texts by which it is recognized. */
interface Mark {
  readonly key: string;
  readonly host: string;
  readonly tokens: readonly string[];
}

function* marksOf({ byName, snapshot }: Pools): Generator<Mark> {
  const known = new Set<string>();
  for (const { instances } of byName.values()) {
    for (const endpoint of instances) {
      known.add(endpoint.key);
      yield markOf(endpoint);
    }
  }
  for (const { key, value } of snapshot.chunks.flat()) {
    const isTelling = value.length >= 4 && value.length <= 256;
    if (!known.has(key) && isTelling) yield { key, host: key, tokens: [value] };
  }
}

function markOf({ key, host, address }: Endpoint): Mark {
  const isName = isIP(host) === 0;
  return { key, host, tokens: isName ? [address, host] : [address] };
}

function ofOneHost(found: readonly Mark[]): readonly Mark[] | undefined {
  const hosts = new Set(found.map(({ host }) => host));
  return hosts.size === 1 ? found : undefined;
}

function suspicion(
  found: readonly Mark[],
  words: string,
  quoted: boolean,
  { snapshot }: Pools,
): Suspicion | undefined {
  const entries = found.flatMap(({ key }) => snapshot.get(key) ?? []);
  // What a command is said to have ended with is not the program's own words.
  return entries.length === 0
    ? undefined
    : { entries, message: words.replace(/^.*?exit code \d+: /, ""), quoted };
}

/** The lines of the texts that are named as `/etc/nginx/nginx.conf:12`. */
function* linesIn(words: string, texts: ReadonlyMap<string, string>): Generator<string> {
  for (const [path, text] of texts) {
    const at = words.indexOf(`${path}:`);
    const number = at === -1 ? "" : (/^\d+/.exec(words.slice(at + path.length + 1))?.[0] ?? "");
    const line = number === "" ? undefined : text.split("\n")[Number(number) - 1];
    if (line !== undefined) yield line;
  }
}

/** Whether a token stands in a text for itself: `10.0.0.1:80` does not in `10.0.0.1:8080`. */
function stands(token: string, text: string): boolean {
  for (let at = text.indexOf(token); at !== -1; at = text.indexOf(token, at + 1)) {
    const [before = "", after = ""] = [text[at - 1], text[at + token.length]];
    if (!/[\w.-]/.test(before) && !/[\w-]/.test(after)) return true;
  }
  return false;
}
