import { statSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import type { SrvTarget } from "../../helpers/contract.ts";
import { byConcatenation, srvName } from "../../helpers/system.ts";
import { Integer } from "../values/numbers.ts";
import { Struct } from "../values/types.ts";
import { impure, recorded, table } from "./define.ts";

/** The environment, DNS, files and the clock, as in confd and its fork. */
export const confdSystem = table(
  recorded(
    "getenv(name string, default ...string) string",
    "an environment variable; if it is unset or empty, the default or else an empty text",
    ({ env }, name, fallback = "") => env(name) || fallback,
  ),
  impure(
    "lookupIP(host string) []string",
    "the IP addresses of a host name, sorted. A name that cannot be resolved is an error, unlike in confd",
    ({ lookups }, host) => lookups.ip(host).toSorted(),
  ),
  impure(
    "lookupIPV4(host string) []string",
    "the IPv4 addresses of a host name, sorted",
    ({ lookups }, host) => lookups.ip(host).filter(isIpv4).sort(),
  ),
  impure(
    "lookupIPV6(host string) []string",
    "the IPv6 addresses of a host name, sorted",
    ({ lookups }, host) =>
      lookups
        .ip(host)
        .filter((address) => !isIpv4(address))
        .sort(),
  ),
  impure(
    "lookupSRV(service, protocol, name string) []*net.SRV",
    "the targets of a record, each with .Target, .Port, .Priority and .Weight, sorted",
    ({ lookups }, service, protocol, name) =>
      lookups
        .srv(srvName(service, protocol, name))
        .map(withDot)
        .sort(byConcatenation)
        .map(asStruct),
  ),
  impure(
    "fileExists(path string) bool",
    "whether a file or a folder exists, or permission to look is denied",
    (_, path) => fileExists(path),
  ),
  impure(
    "datetime() string",
    "the start of the rendering, in UTC: `2026-11-21 09:30:00 +0000 UTC`. A template that prints it changes its file at every rendering",
    ({ now }) => `${now.toISOString().slice(0, 19).replace("T", " ")} +0000 UTC`,
  ),
  impure("hostname() string", "the name of this host", () => hostname()),
  impure(
    "lookupIfaceIPV4(name string) string",
    "the first IPv4 address of a network interface",
    (_, name) => addressOf(name, "IPv4"),
  ),
  impure(
    "lookupIfaceIPV6(name string) string",
    "the first IPv6 address of a network interface",
    (_, name) => addressOf(name, "IPv6"),
  ),
);

function isIpv4(address: string): boolean {
  return !address.includes(":");
}

interface DottedTarget extends Omit<SrvTarget, "name"> {
  readonly target: string;
}

/** In Go, the name of a target ends in a dot. */
function withDot({ name, ...rest }: SrvTarget): DottedTarget {
  return { ...rest, target: `${name}.` };
}

function asStruct({ target, port, priority, weight }: DottedTarget): Struct {
  const uint16 = (value: number) => new Integer("uint16", value);
  const numbers = { Port: uint16(port), Priority: uint16(priority), Weight: uint16(weight) };
  return new Struct("*net.SRV", { Target: target, ...numbers });
}

function fileExists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch (error) {
    return (error as { readonly code?: unknown }).code !== "ENOENT";
  }
}

function addressOf(name: string, family: string): string {
  const found = networkInterfaces()[name]?.find((one) => one.family === family);
  return found?.address ?? "";
}
