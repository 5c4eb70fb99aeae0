/** Parses /etc/hosts: the addresses of each name, in lower case. */
export function parseHosts(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [address, ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (!address) continue;
    for (const name of names.map((one) => one.toLowerCase())) {
      const known = found.get(name);
      if (known) known.push(address);
      else found.set(name, [address]);
    }
  }
  return found;
}
