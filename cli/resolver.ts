import type { Clock } from "../lib/base/clock.ts";
import type { SystemResolver } from "../lib/clients/dns/resolver.ts";
import type { Resolver } from "../lib/render/lookups.ts";

/** The resolver of this machine, loaded with the first name: most commands look none up. */
export function systemResolver(clock: Clock): Resolver {
  let loading: Promise<SystemResolver> | undefined;
  const load = async () => {
    const { SystemResolver } = await import("../lib/clients/dns/resolver.ts");
    return new SystemResolver(clock);
  };
  const loaded = () => {
    loading ??= load();
    return loading;
  };
  return {
    lookup: async (host) => await (await loaded()).lookup(host),
    resolveSrv: async (name) => await (await loaded()).resolveSrv(name),
  };
}
