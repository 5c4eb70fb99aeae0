import { resolve } from "node:path";
import { type Confd, loadConfd } from "../../lib/config/compat/confd/load.ts";
import type { ParsedFlags } from "../../lib/config/compat/go-flags.ts";
import type { World } from "../world.ts";

/** What a command line of confd asks for, from the working directory. Throws CONFIG_INVALID and CONFIG_UNREADABLE. */
export async function readConfd(flags: ParsedFlags, world: World): Promise<Confd> {
  const resolveSrv = async (name: string) => {
    const targets = await world.resolver.resolveSrv(name.replace(/\.$/, ""));
    const inOrder = [...targets].sort((a, b) => a.priority - b.priority);
    return inOrder.map((target) => `${target.name}:${target.port}`);
  };
  return await loadConfd(flags, { env: world.env, folder: resolve("."), resolveSrv });
}
