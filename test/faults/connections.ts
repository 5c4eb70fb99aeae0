import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { eventually } from "../support/process.ts";
import type { Host } from "./network.ts";
import type { Member, Store } from "./store.ts";

const run = promisify(execFile);

/** The members that programs on the host are connected to. */
async function connectedTo(host: Host, { members }: Store): Promise<readonly Member[]> {
  const [program = "", ...args] = host.on(["ss", "-Htn", "state", "established"]);
  const { stdout } = await run(program, args);
  const peers = new Set(stdout.split("\n").map((line) => line.trim().split(/\s+/).at(3)));
  return members.filter(({ endpoint }) => peers.has(endpoint));
}

/** The leader, once there is one. */
export async function leading(store: Store): Promise<Member> {
  return await eventually("a member leads", () => store.leader());
}

/** A member that the program on the host is connected to; a follower if there is one. */
export async function follower(host: Host, store: Store): Promise<Member> {
  const [leader, connected] = [await leading(store), await connectedTo(host, store)];
  const chosen = connected.find(({ name }) => name !== leader.name) ?? connected[0];
  if (!chosen) throw new Error(`${host.name} is connected to no member`);
  return chosen;
}
