import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { eventually } from "../support/process.ts";
import type { Host } from "./network.ts";
import type { Member, Store } from "./store.ts";

const run = promisify(execFile);

/** The members that a program on the host has connections to. */
export async function talksTo(host: Host, { members }: Store): Promise<readonly Member[]> {
  const [program = "", ...args] = host.on(["ss", "-Htn", "state", "established"]);
  const { stdout } = await run(program, args);
  const peers = new Set(stdout.split("\n").map((line) => line.trim().split(/\s+/).at(3)));
  return members.filter(({ endpoint }) => peers.has(endpoint));
}

/** The member that leads, once one does. */
export async function leading(store: Store): Promise<Member> {
  return await eventually("a member leads", () => store.leader());
}

/** A member that the host's program talks to and, where there is such a one, that does not lead. */
export async function follower(host: Host, store: Store): Promise<Member> {
  const [leader, spoken] = [await leading(store), await talksTo(host, store)];
  const chosen = spoken.find(({ name }) => name !== leader.name) ?? spoken[0];
  if (!chosen) throw new Error(`${host.name} is connected to no member`);
  return chosen;
}
