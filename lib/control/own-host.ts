import { isIP } from "node:net";

/** Reserved domains, which cannot be registered: they are names of this machine, or of its own network. */
const local = ["localhost", "local", "internal", "home.arpa"];

/**
 * Whether a request is for this machine by its `Host`: an address, a name without a dot, a name of the local network, or one
 * of `own`. A page in a browser of this network could otherwise read the status, by a domain of its author that resolves
 * to the agent. Without a `Host` no browser has sent the request.
 */
export function isOwnHost(header: string | undefined, own: readonly string[]): boolean {
  if (header === undefined) return true;
  const host = nameIn(header);
  if (isIP(host) !== 0 || !host.includes(".")) return true;
  return (
    local.some((domain) => host.endsWith(`.${domain}`)) || own.some((name) => nameIn(name) === host)
  );
}

/** `web.example` in `Web.example.:9102`, `::1` in `[::1]:9102`. */
function nameIn(header: string): string {
  const [, bracketed, plain = ""] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(header) ?? [];
  return (bracketed ?? (plain || header)).toLowerCase().replace(/\.$/, "");
}
