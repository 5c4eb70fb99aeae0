import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { atEnd } from "./process.ts";

/** How a name is answered: its IPv4 addresses (none for a name without addresses), or the kind of failure. */
export type NameAnswer =
  | readonly string[]
  | "silent"
  | "NXDOMAIN"
  | "SERVFAIL"
  /** An answer for the IPv4 address alone. */
  | { readonly onlyIPv4: string }
  | { readonly afterMs: number; readonly addresses: readonly string[] };

/** A name server on port 53 of an address below 127/8, which a program uses by way of its own /etc/resolv.conf. */
export interface NameServer {
  readonly address: string;
  /** By name, in lower case; others do not exist. */
  readonly names: Map<string, NameAnswer>;
  /** Overrides `names` for all of them, as in an outage. */
  outage: "silent" | "SERVFAIL" | undefined;
  /** The names that were asked for, in order, with repetitions. */
  readonly asked: string[];
}

const codes = { NXDOMAIN: 3, SERVFAIL: 2 } as const;
const [typeA, classIn, ttlS] = [1, 1, 1];

export async function startNameServer(t: Pick<TestContext, "after">): Promise<NameServer> {
  const socket = createSocket("udp4");
  const address = await freeAddress();
  socket.bind(53, address);
  await once(socket, "listening");
  let isClosed = false;
  atEnd(t, () => {
    isClosed = true;
    socket.close();
  });
  const server: NameServer = { address, names: new Map(), outage: undefined, asked: [] };
  socket.on("message", async (query, from: RemoteInfo) => {
    const { name, type, end } = questionOf(query);
    server.asked.push(name);
    const answer = server.outage ?? server.names.get(name) ?? "NXDOMAIN";
    if (answer === "silent") return;
    if (typeof answer === "object" && "onlyIPv4" in answer && type !== typeA) return;
    if (typeof answer === "object" && "afterMs" in answer) await delay(answer.afterMs);
    const reply = replyTo(query.subarray(0, end), type, answer);
    if (!isClosed) socket.send(reply, from.port, from.address, () => {});
  });
  return server;
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function replyTo(query: Buffer, type: number, answer: Exclude<NameAnswer, "silent">): Buffer {
  const head = Buffer.from(query);
  const code = typeof answer === "string" ? codes[answer] : 0;
  const addresses = type === typeA ? addressesOf(answer) : [];
  head.writeUInt16BE(0x8180 + code, 2);
  head.writeUInt16BE(addresses.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...addresses.map(recordOf)]);
}

function addressesOf(answer: Exclude<NameAnswer, "silent">): readonly string[] {
  if (typeof answer === "string") return [];
  if ("onlyIPv4" in answer) return [answer.onlyIPv4];
  return "afterMs" in answer ? answer.addresses : answer;
}

/** The record refers to the name in the question. */
function recordOf(address: string): Buffer {
  const record = Buffer.alloc(16);
  record.writeUInt16BE(0xc00c, 0);
  record.writeUInt16BE(typeA, 2);
  record.writeUInt16BE(classIn, 4);
  record.writeUInt32BE(ttlS, 6);
  record.writeUInt16BE(4, 10);
  record.set(address.split(".").map(Number), 12);
  return record;
}

/** An address on whose port 53 nothing listens. */
async function freeAddress(): Promise<string> {
  const byte = () => 1 + Math.floor(Math.random() * 250);
  const address = `127.${byte()}.${byte()}.${byte()}`;
  const probe = createServer();
  try {
    await once(probe.listen(53, address), "listening");
    return address;
  } finally {
    probe.close();
  }
}

/** The command line that runs a program with an /etc/resolv.conf of its own. Only for root. */
export function withResolvConf(path: string, argv: readonly string[]): readonly string[] {
  const script = `mount --bind "$0" /etc/resolv.conf && exec "$@"`;
  return ["unshare", "--mount", "sh", "-c", script, path, ...argv];
}
