import { encode } from "../../model/encode.ts";
import { formatAddress } from "../../model/endpoint.ts";

/** As Node.js returns it. */
export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  /** The lowest one is used first. */
  readonly priority: number;
  /** The share of the traffic among the records of one priority, 0 to 65535. */
  readonly weight: number;
}

/** The largest weight of an instance. */
const maxWeight = 256;

/**
 * The entries for SRV records: key and value. The records that have not the lowest priority get the label `backup`, as they may
 * only be used while no other can be reached (RFC 2782). Of several records with one target and port the first counts.
 */
export function valuesOf(records: readonly SrvRecord[]): ReadonlyMap<string, string> {
  const priorities = records.map(({ priority }) => priority);
  const first = Math.min(...priorities);
  const values = new Map<string, string>();
  for (const record of records.toSorted((a, b) => a.priority - b.priority)) {
    const { name, port, priority } = record;
    const host = name.replace(/\.$/, "");
    // The target `.`: the service is decidedly not available.
    if (host === "") continue;
    const id = formatAddress({ host, port }).replaceAll("/", "%2F");
    const labels = {
      priority: String(priority),
      ...(priority > first && { backup: "true" }),
    };
    const instance = { service: "", id, host, port, weight: weightOf(record, records), labels };
    if (!values.has(`/${id}`)) values.set(`/${id}`, encode(instance, "json"));
  }
  return values;
}

/**
 * The weight, in proportion to the others of the same priority. At least 1: the weight 0 of a record means few requests, not none.
 */
function weightOf({ weight, priority }: SrvRecord, records: readonly SrvRecord[]): number {
  const weights = records.filter((one) => one.priority === priority).map((one) => one.weight);
  const largest = Math.max(...weights);
  const scale = largest > maxWeight ? maxWeight / largest : 1;
  return Math.max(1, Math.round(weight * scale));
}
