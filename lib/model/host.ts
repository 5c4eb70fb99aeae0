import { isIPv4, isIPv6 } from "node:net";

const label = /^[A-Za-z0-9_-]+$/;

/**
 * What is expected instead of this host; undefined if it is a host name, an IPv4 or an IPv6 address that is valid in a
 * proxy's configuration. A valid name is not necessarily resolvable.
 */
export function hostProblem(host: unknown): string | undefined {
  if (typeof host !== "string") return "a host name or an IP address";
  if (isIPv4(host)) return undefined;
  if (host.includes(":")) return ipv6Problem(host);
  const name = withoutFinalDot(host);
  const labels = name.split(".");
  const isName = /^[A-Za-z0-9_]/.test(name) && !name.endsWith("-");
  if (labels.some((one) => one === "") && name !== "") return "no empty part between two dots";
  if (!isName || !labels.every((one) => label.test(one))) return "a host name or an IP address";
  // The C library reads 127.1, 010.0.0.1 and 0x7f.0.0.1 as addresses, in bases and lengths that few expect.
  if (labels.every((one) => /^(\d+|0x[\da-f]*)$/i.test(one))) {
    return "an IPv4 address of four numbers from 0 to 255 without leading zeros";
  }
  if (name.length > 253) return "a host name of at most 253 characters";
  if (labels.some(({ length }) => length > 63)) return "at most 63 characters between two dots";
  return undefined;
}

/** Whether a value is a host name, an IPv4 or an IPv6 address that is valid in a proxy's configuration. */
export function isHost(host: unknown): host is string {
  return hostProblem(host) === undefined;
}

/**
 * A host without the dot that ends an absolute name. For comparison only: with the dot, the C library (and so haproxy and
 * nginx) skips the search domains of the machine.
 */
export function withoutFinalDot(host: string): string {
  return host.endsWith(".") ? host.slice(0, -1) : host;
}

function ipv6Problem(host: string): string | undefined {
  if (!isIPv6(host)) return "a host name or an IP address";
  // The zone of fe80::1%eth0 has a meaning on one machine only, and neither haproxy nor nginx takes it.
  return host.includes("%") ? "an IPv6 address without a zone" : undefined;
}
