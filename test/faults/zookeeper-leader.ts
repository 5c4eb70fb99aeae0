import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { stretched } from "../support/process.ts";

/** A member, as far as four-letter-word commands need it. */
interface Addressed {
  readonly endpoint: string;
  /** Whether it runs and is not frozen. */
  readonly awake: boolean;
}

/** Sends a four-letter-word command and resolves with the answer. */
export async function send4lw({ endpoint }: Addressed, word: string): Promise<string> {
  const [host = "", port] = endpoint.split(":");
  const socket = connect(Number(port), host);
  const silent = () => socket.destroy(new Error(`no answer from ${endpoint} to ${word}`));
  socket.setTimeout(stretched(500), silent);
  socket.write(word);
  return await text(socket);
}

/**
 * The leader of a majority. A member that was cut off or frozen reports for a moment that it still leads; each new
 * leader has a higher epoch.
 */
export async function leaderOf<M extends Addressed>(members: readonly M[]): Promise<M> {
  const states = await statesOf(members);
  if (states.length <= members.length / 2) throw new Error("no majority of the members serves");
  const leaders = states.filter(({ mode }) => mode !== "follower");
  const [leader] = leaders.toSorted((one, other) => other.epoch - one.epoch);
  if (!leader) throw new Error("there is no leader");
  return leader.member;
}

interface MemberState<M> {
  readonly member: M;
  /** `leader`, `follower`, or `standalone` for a single member. */
  readonly mode: string;
  readonly epoch: number;
}

/** The states of the members that serve clients. */
export async function statesOf<M extends Addressed>(
  members: readonly M[],
): Promise<readonly MemberState<M>[]> {
  const states = members.map(async (member) => {
    const answer = member.awake ? await send4lw(member, "srvr").catch(() => "") : "";
    const [, zxid, mode] = /Zxid: 0x([\da-f]+)\nMode: (\w+)/.exec(answer) ?? [];
    // The id of the last transaction: 32 bits for the epoch of the leader, and a counter of 32 bits.
    return mode ? [{ member, mode, epoch: Number(BigInt(`0x${zxid}`) >> 32n) }] : [];
  });
  return (await Promise.all(states)).flat();
}
