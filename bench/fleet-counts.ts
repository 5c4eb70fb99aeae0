import type { Etcd } from "../test/real/etcd.ts";
import { cpuMs, memory } from "./cost.ts";

/** What etcd has counted since its start, and what it has used. */
export interface EtcdCounts {
  readonly sentBytes: number;
  /** Requests and streams begun, by method. */
  readonly started: ReadonlyMap<string, number>;
  /** Messages received, by method: more than one for each stream. */
  readonly received: ReadonlyMap<string, number>;
  readonly cpuMs: number;
  readonly residentMb: number;
}

export const noCounts: EtcdCounts = {
  ...{ sentBytes: 0, cpuMs: 0, residentMb: 0 },
  ...{ started: new Map(), received: new Map() },
};

export async function countsOf({ endpoint, pid }: Etcd): Promise<EtcdCounts> {
  const text = await (await fetch(`http://${endpoint}/metrics`)).text();
  return {
    sentBytes: Number(/^etcd_network_client_grpc_sent_bytes_total (\S+)$/m.exec(text)?.[1]),
    started: byMethod(text, "grpc_server_started_total"),
    received: byMethod(text, "grpc_server_msg_received_total"),
    cpuMs: await cpuMs(pid),
    residentMb: (await memory(pid)).nowMb,
  };
}

function byMethod(text: string, name: string): ReadonlyMap<string, number> {
  const lines = text.matchAll(new RegExp(`^${name}{grpc_method="(\\w+)".*} (\\S+)$`, "gm"));
  const counts = Array.from(lines, ([, method = "", count]) => [method, Number(count)] as const);
  return new Map(counts.filter(([, count]) => count > 0));
}

/** The counts of `after` that are not in `before`, as text: `Range 12, Txn 3`. */
export function describeCalls(
  before: EtcdCounts,
  after: EtcdCounts,
  kind: "started" | "received",
  per = 1,
): string {
  const counts = Array.from(after[kind], ([method, count]) => {
    const more = count - (before[kind].get(method) ?? 0);
    return more > 0 ? `${method} ${per === 1 ? more : (more / per).toFixed(3)}` : [];
  });
  return counts.flat().join(", ");
}
