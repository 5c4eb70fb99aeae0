import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { stretched } from "../support/process.ts";

/** Who is asked. */
interface Asked {
  readonly endpoint: string;
  /** Whether it runs and is not frozen. */
  readonly awake: boolean;
}

/** Asks one of its four-letter words and resolves with the answer. */
export async function askWord({ endpoint }: Asked, word: string): Promise<string> {
  const [host = "", port] = endpoint.split(":");
  const socket = connect(Number(port), host);
  const silent = () => socket.destroy(new Error(`no answer from ${endpoint} to ${word}`));
  socket.setTimeout(stretched(500), silent);
  socket.write(word);
  return await text(socket);
}

/**
 * The member that leads by the word of a majority. One that was cut off, or frozen, believes for a moment
 * that it still does: each new leader begins with a higher number.
 */
export async function leaderOf<M extends Asked>(members: readonly M[]): Promise<M> {
  const standings = await standingsOf(members);
  if (standings.length <= members.length / 2) throw new Error("no majority of the members serves");
  const leaders = standings.filter(({ mode }) => mode !== "follower");
  const [leader] = leaders.toSorted((one, other) => other.epoch - one.epoch);
  if (!leader) throw new Error("no member leads");
  return leader.member;
}

interface Standing<M> {
  readonly member: M;
  /** `leader`, `follower` or, of one that is alone, `standalone`. */
  readonly mode: string;
  readonly epoch: number;
}

/** Of those that serve. */
export async function standingsOf<M extends Asked>(
  members: readonly M[],
): Promise<readonly Standing<M>[]> {
  const standings = members.map(async (member) => {
    const answer = member.awake ? await askWord(member, "srvr").catch(() => "") : "";
    const [, zxid, mode] = /Zxid: 0x([\da-f]+)\nMode: (\w+)/.exec(answer) ?? [];
    // The last transaction: 32 bits of the leader's number, then 32 that count.
    return mode ? [{ member, mode, epoch: Number(BigInt(`0x${zxid}`) >> 32n) }] : [];
  });
  return (await Promise.all(standings)).flat();
}
