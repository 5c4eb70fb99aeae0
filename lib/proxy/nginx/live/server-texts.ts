import type { AddressUse, ServerTexts } from "../../contract.ts";
import { type LiveText, readLiveText, weightOf, withServers } from "./texts.ts";

/**
 * The peers in the texts of files of nginx. Where requests go is only known if all of them go to upstreams whose peers are read:
 * anything else (an upstream with servers, a proxy_pass to an address or a variable, another file) leaves it open.
 */
export const serverTexts: ServerTexts = { drain, uses };

function drain(text: string, addresses: ReadonlySet<string>): string {
  return withServers(text, (address, options) =>
    addresses.has(address) ? options.replace(/^weight=\d+/, "weight=0") : options,
  );
}

function uses(texts: readonly string[]): (address: string) => AddressUse {
  const all = texts.map((text) => readLiveText(text));
  if (!all.some(({ upstreams }) => upstreams.size > 0) || !areAllPassesKnown(all)) {
    return () => "unclear";
  }
  const serving = new Set<string>();
  for (const { servers } of all.flatMap(({ upstreams }) => [...upstreams.values()])) {
    for (const [address, options] of servers) if (weightOf(options) > 0) serving.add(address);
  }
  const others = all.map(({ rest }) => rest).join("\n");
  return (address) => {
    if (others.includes(address)) return "unclear";
    return serving.has(address) ? "served" : "idle";
  };
}

/** Whether all requests that are passed on go to peers that were read. */
function areAllPassesKnown(all: readonly LiveText[]): boolean {
  const names = new Set(all.flatMap(({ upstreams }) => [...upstreams.keys()]));
  const text = all.map(({ rest }) => rest.replaceAll(/^\s*#.*$/gm, "")).join("\n");
  const passes = text.matchAll(/\b\w+_pass\s+(?:\w+:\/\/)?([^\s;/]*)/g);
  if (!passes.every(([, to = ""]) => names.has(to))) return false;
  const declared = text.matchAll(
    /\bupstream\s+(\S+)\s*\{([^}]*balancer_by_lua_block\s*\{\s*sidekick\.balance\()?/g,
  );
  const isRead = declared.every(([, name = "", live]) => names.has(name) && live !== undefined);
  const includes = text.matchAll(/\binclude\s+([^\s;]+)/g);
  return isRead && includes.every(([, path = ""]) => harmless.test(path));
}

/** Files of nginx itself, which pass no requests on. */
const harmless = /(^|\/)(modules-enabled\/\*\.conf|mime\.types)$/;
