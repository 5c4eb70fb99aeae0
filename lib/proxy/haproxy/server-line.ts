import { isIPv4, isIPv6, SocketAddress } from "node:net";
import { type Address, parseAddress } from "../../model/endpoint.ts";

/** A server as a configuration declares it, including the options that it inherits. */
export interface Server {
  /** In the form that haproxy reports; undefined unless it is an IP address and a port. */
  readonly address: Address | undefined;
  /** The address and the options that cannot change at run time: the arguments of `add server`. */
  readonly settings: string;
  /** Can change at run time, as can `disabled`. */
  readonly weight: number;
  readonly disabled: boolean;
  /** Whether its health is checked, which has to be enabled explicitly for a server that is added at run time. */
  readonly checked: boolean;
}

/**
 * Parses the words of a `server` line after its name. `inherited` are the words of the `default-server` lines that apply
 * to it: a server that is added at run time inherits nothing. Returns undefined if the server needs a reload.
 */
export function readServer(
  [address = "", ...own]: readonly string[],
  inherited: readonly string[],
): Server | undefined {
  const words = [...inherited, ...own];
  if (words.some((word) => unsupported.has(word))) return undefined;
  const weight = Number(words[words.lastIndexOf("weight") + 1] ?? Number.NaN);
  // `init-addr` only applies to host names, which are resolved at the start: at run time, servers have IP addresses. And
  // `add server` refuses the cookie of a server, which has no effect without a `cookie` line in its section.
  const kept = without(words, "weight", "init-addr", "cookie");
  const options = kept.filter((word) => word !== "disabled" && word !== "enabled");
  return {
    address: readAddress(address),
    settings: [address, ...options].join(" "),
    weight: words.includes("weight") ? weight : 1,
    disabled: words.lastIndexOf("disabled") > words.lastIndexOf("enabled"),
    checked: words.lastIndexOf("check") > words.lastIndexOf("no-check"),
  };
}

/** The words without these options and their values. */
function without(words: readonly string[], ...options: readonly string[]): readonly string[] {
  return words.filter(
    (word, i) => !options.includes(word) && (i === 0 || !options.includes(words[i - 1] ?? "")),
  );
}

/**
 * `agent-check`: an agent sets weights and states of its own. `shutdown-sessions`: the server would close its sessions
 * when it is put into maintenance.
 */
const unsupported = new Set(["agent-check", "shutdown-sessions"]);

/** An IPv6 address can be written in many ways; this yields the one that haproxy reports. */
export function readAddress(text: string): Address | undefined {
  const found = parseAddress(text);
  if (!found || isIPv4(found.host)) return found;
  if (!isIPv6(found.host)) return undefined;
  const { address } = new SocketAddress({ address: found.host, family: "ipv6" });
  return { host: address, port: found.port };
}
