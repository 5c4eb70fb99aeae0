/** The name of a server in a proxy: derived from the address alone, so that a name always refers to the same address. */
export function serverName(address: string): string {
  return `h${address.replace(/:(?=\d+$)/, "_").replace(/[^A-Za-z0-9._-]/g, "-")}`;
}
