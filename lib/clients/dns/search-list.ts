/** The part of /etc/resolv.conf that decides which names are asked for. */
export interface SearchList {
  readonly domains: readonly string[];
  /** A name with so many dots is asked for as it is before the domains are appended. */
  readonly ndots: number;
}

/** The limit of the C library. */
const mostDots = 15;

/** Parses /etc/resolv.conf as the C library does: the last of `search` and `domain` counts, or else the domain of this machine. */
export function parseSearchList(text: string, hostName: string): SearchList {
  const [, ownDomain = ""] = /\.(.+)/.exec(hostName) ?? [];
  let domains: readonly string[] = ownDomain === "" ? [] : [ownDomain];
  let ndots = 1;
  for (const line of text.split("\n")) {
    const [word, ...rest] = line
      .replace(/[#;].*/, "")
      .trim()
      .split(/\s+/);
    if (word === "search") domains = rest;
    if (word === "domain") domains = rest.slice(0, 1);
    const [, dots] = (word === "options" && /\bndots:(\d+)/.exec(rest.join(" "))) || [];
    if (dots !== undefined) ndots = Math.min(mostDots, Number(dots));
  }
  return { domains: domains.map((one) => one.replace(/\.$/, "")).filter(Boolean), ndots };
}

/** The names to ask a name server for, in order, until one of them has an address. */
export function candidates(host: string, { domains, ndots }: SearchList): readonly string[] {
  if (host.endsWith(".")) return [host.slice(0, -1)];
  const within = domains.map((domain) => `${host}.${domain}`);
  const dots = host.split(".").length - 1;
  return dots >= ndots ? [host, ...within] : [...within, host];
}
