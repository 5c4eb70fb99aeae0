import { isIP } from "node:net";
import type { Entry } from "../model/entry.ts";
import type { Endpoint } from "../model/pool.ts";
import type { Pools } from "./contract.ts";

/** The entries that an error message points at. */
export interface Suspicion {
  readonly entries: readonly Entry[];
  /** The part of the error message that points at them. */
  readonly message: string;
  /** Whether the message quotes an address or a value. If not, it names a line that contains no other entry. */
  readonly quoted: boolean;
}

/**
 * Finds the entries that probably caused the rejection of `texts`, for each message that points at some: the ones with an
 * address or value that the message quotes, or else the only one in a line that it names. The endpoints of one host name
 * are suspected together, since it is the name that cannot be resolved. A message that quotes several hosts points at none.
 */
export function suspects(
  messages: readonly string[],
  texts: ReadonlyMap<string, string>,
  pools: Pools,
): readonly Suspicion[] {
  const signatures = [...signaturesOf(pools)];
  const matching = (text: string) =>
    signatures.filter(({ tokens }) => tokens.some((token) => contains(text, token)));
  const errors = withoutWarnings(messages);
  const quoted = errors.flatMap((message) => {
    const found = matching(message);
    return isOneHost(found) ? suspicion(found, message, true, pools) : [];
  });
  const shown = errors.flatMap((message) =>
    [...linesNamedIn(message, texts)].flatMap((line) => {
      const found = matching(line);
      return found.length === 1 ? suspicion(found, message, false, pools) : [];
    }),
  );
  return [...quoted, ...shown];
}

/** Programs warn of what they accept, too: that points at no culprit as long as there are errors. */
function withoutWarnings(messages: readonly string[]): readonly string[] {
  const errors = messages.filter((message) => !/\[(?:warning|notice|warn|info)\]/i.test(message));
  return errors.length > 0 ? errors : messages;
}

/** An entry, and the texts by which it is recognized. */
interface Signature {
  readonly key: string;
  readonly host: string;
  readonly tokens: readonly string[];
}

function* signaturesOf({ byName, snapshot }: Pools): Generator<Signature> {
  const known = new Set<string>();
  for (const { instances } of byName.values()) {
    for (const endpoint of instances) {
      known.add(endpoint.key);
      yield signatureOf(endpoint);
    }
  }
  for (const { key, value } of snapshot.chunks.flat()) {
    const isDistinctive = value.length >= 4 && value.length <= 256;
    if (!known.has(key) && isDistinctive) yield { key, host: key, tokens: [value] };
  }
}

function signatureOf({ key, host, address, resolved = [] }: Endpoint): Signature {
  const isName = isIP(host) === 0;
  const addresses = [address, ...resolved.map((one) => one.address)];
  return { key, host, tokens: isName ? [...addresses, host] : addresses };
}

function isOneHost(found: readonly Signature[]): boolean {
  return new Set(found.map(({ host }) => host)).size === 1;
}

function suspicion(
  found: readonly Signature[],
  message: string,
  quoted: boolean,
  { snapshot }: Pools,
): readonly Suspicion[] {
  const entries = found.flatMap(({ key }) => snapshot.get(key) ?? []);
  // Only the program's own message is kept, without how the command ended.
  return entries.length === 0
    ? []
    : [{ entries, message: message.replace(/^.*?exit code \d+: /, ""), quoted }];
}

/** The lines of the texts that a message names, as in `/etc/nginx/nginx.conf:12`. */
function* linesNamedIn(message: string, texts: ReadonlyMap<string, string>): Generator<string> {
  for (const [path, text] of texts) {
    const at = message.indexOf(`${path}:`);
    const number = at === -1 ? "" : (/^\d+/.exec(message.slice(at + path.length + 1))?.[0] ?? "");
    const line = number === "" ? undefined : text.split("\n")[Number(number) - 1];
    if (line !== undefined) yield line;
  }
}

/** Whether a text contains a token as a whole: `10.0.0.1:8080` does not contain `10.0.0.1:80`. */
function contains(text: string, token: string): boolean {
  for (let at = text.indexOf(token); at !== -1; at = text.indexOf(token, at + 1)) {
    const [before = "", after = ""] = [text[at - 1], text[at + token.length]];
    if (!/[\w.-]/.test(before) && !/[\w-]/.test(after)) return true;
  }
  return false;
}
