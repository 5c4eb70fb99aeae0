import { isIPv4 } from "node:net";
import { type Address, formatAddress } from "../../model/endpoint.ts";
import type { AddressUse, ServerTexts } from "../contract.ts";
import { type Configuration, readConfiguration } from "./configuration.ts";
import { graft, withoutWeight } from "./graft.ts";
import { isPoolKind, type Line, type Section } from "./section.ts";
import { readAddress, type Server } from "./server-line.ts";

/**
 * The servers in the texts of files of haproxy. Only texts whose servers are all IP addresses that can be changed at run time
 * are read: anything else in them (a `cookie`, a `server-template`, a condition) leaves it open where requests go.
 */
export const serverTexts: ServerTexts = { drain, uses, graft };

function drain(text: string, addresses: ReadonlySet<string>): string {
  const wanted = new Set(Array.from(addresses, (one) => addressText(readAddress(one))));
  const configuration = readConfiguration(text);
  let start = 0;
  const parts = configuration.sections.map((section) => {
    const part = text.slice(start, start + section.length);
    start += section.length;
    return isReadable(section, configuration) ? drainIn(part, section, wanted) : part;
  });
  return parts.join("");
}

function drainIn(
  text: string,
  { lines }: Section,
  wanted: ReadonlySet<string | undefined>,
): string {
  let i = 0;
  const changed = text.split("\n").map((untrimmed) => {
    const raw = untrimmed.trim();
    if (raw === "" || raw.startsWith("#")) return untrimmed;
    const server = lines[i]?.declared?.server;
    i += 1;
    const isWanted = server?.address && wanted.has(addressText(server.address));
    return isWanted && takesRequests(server) ? withoutWeight(untrimmed) : untrimmed;
  });
  return changed.join("\n");
}

function uses(texts: readonly string[]): (address: string) => AddressUse {
  const configurations = texts.map((text) => readConfiguration(text));
  if (!configurations.every(areServersKnown)) return () => "unclear";
  const lines = configurations.flatMap(({ sections }) => sections.flatMap((one) => one.lines));
  const serving = new Set<string | undefined>();
  for (const { declared } of lines) {
    if (declared?.server && takesRequests(declared.server)) {
      serving.add(addressText(declared.server.address));
    }
  }
  const others = lines.map(besideAddress).join("\n");
  return (text) => {
    const address = readAddress(text);
    if (!address || isMentioned(address, others)) return "unclear";
    return serving.has(addressText(address)) ? "served" : "idle";
  };
}

function areServersKnown(configuration: Configuration): boolean {
  return configuration.sections.every((section) => {
    if (section.isConditional) return false;
    if (!isPoolKind(section.kind)) return true;
    const servers = isReadable(section, configuration) ? section.servers : undefined;
    return servers?.values().every(({ address }) => address && !isMapped(address)) ?? false;
  });
}

/** Whether its servers are those of its name, and can be changed at run time. */
function isReadable({ name, servers }: Section, { pools }: Pick<Configuration, "pools">): boolean {
  return servers !== undefined && pools.get(name) === servers;
}

/** An IPv4 address in the form of IPv6. */
function isMapped({ host }: Address): boolean {
  return /^::ffff:/i.test(host);
}

function takesRequests({ weight, disabled }: Server): boolean {
  return weight !== 0 && !disabled;
}

/** A line without the address of the server that it declares. */
function besideAddress({ text, declared }: Line): string {
  return declared?.server ? declared.server.settings.replace(/^\S+/, "") : text;
}

/** Whether a text has an address, as far as that can be excluded: IPv6 has many spellings. */
function isMentioned({ host, port }: Address, text: string): boolean {
  if (!isIPv4(host)) return /[\da-f]*:[\da-f]*:/i.test(text);
  const escaped = host.replaceAll(".", "\\.");
  const found = text.matchAll(
    new RegExp(`(?<![\\d.])${escaped}(?!\\.?\\d)(?::(\\d+)(?![\\d-]))?`, "g"),
  );
  return found.some(([, other]) => other === undefined || Number(other) === port);
}

function addressText(address: Address | undefined): string | undefined {
  return address && formatAddress(address);
}
