import { isIPv4, isIPv6, SocketAddress } from "node:net";
import { type Address, parseAddress } from "../../model/endpoint.ts";

/** A server as a configuration declares it, with what it inherits. */
export interface Server {
  /** Where it is, as haproxy itself shows it; undefined unless it is an IP address and a port. */
  readonly address: Address | undefined;
  /** Address and options that it keeps for as long as it lives: what `add server` is told. */
  readonly settings: string;
  /** What the running process can be told at any time. */
  readonly weight: number;
  readonly disabled: boolean;
  /** Whether its health is checked, which has to be switched on for a server that is added. */
  readonly checked: boolean;
}

/**
 * Reads the words of a `server` line after its name, behind those of the `default-server` lines that apply
 * to it: a server that is added to a running process inherits nothing. Undefined where haproxy must do it.
 */
export function readServer(
  [where = "", ...own]: readonly string[],
  inherited: readonly string[],
): Server | undefined {
  const words = [...inherited, ...own];
  if (words.some((word) => beyondUs.has(word))) return undefined;
  const weight = Number(words[words.lastIndexOf("weight") + 1] ?? Number.NaN);
  // `init-addr` says how a host name is looked up at the start: the running process takes addresses only.
  const kept = without(words, "weight", "init-addr");
  const options = kept.filter((word) => word !== "disabled" && word !== "enabled");
  return {
    address: readAddress(where),
    settings: [where, ...options].join(" "),
    weight: words.includes("weight") ? weight : 1,
    disabled: words.lastIndexOf("disabled") > words.lastIndexOf("enabled"),
    checked: words.lastIndexOf("check") > words.lastIndexOf("no-check"),
  };
}

/** Takes options out, each with its value. */
function without(words: readonly string[], ...options: readonly string[]): readonly string[] {
  return words.filter(
    (word, i) => !options.includes(word) && (i === 0 || !options.includes(words[i - 1] ?? "")),
  );
}

/**
 * An agent sets weights and states by itself; a server that shuts sessions down when it is marked down would
 * do so when it is taken out.
 */
const beyondUs = new Set(["agent-check", "shutdown-sessions"]);

/** IPv6 can be written in many ways, of which haproxy shows one. */
function readAddress(where: string): Address | undefined {
  const found = parseAddress(where);
  if (!found || isIPv4(found.host)) return found;
  if (!isIPv6(found.host)) return undefined;
  const { address } = new SocketAddress({ address: found.host, family: "ipv6" });
  return { host: address, port: found.port };
}
