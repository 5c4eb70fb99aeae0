import { encode } from "../../model/encode.ts";
import { formatAddress, isPort } from "../../model/endpoint.ts";
import { type Json, objectOf } from "../../model/formats/json.ts";

/** An EndpointSlice: https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/ */
export interface Slice {
  /** Unique within its namespace. */
  readonly name: string;
  readonly service: string;
  readonly endpoints: readonly SliceEndpoint[];
  readonly ports: readonly SlicePort[];
}

interface SliceEndpoint {
  readonly addresses: readonly string[];
  readonly isDraining: boolean;
  /** The name of its pod. */
  readonly pod: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

interface SlicePort {
  /** Empty for the only port of a service that has no name. */
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}

/** The label with the name of the service to which a slice belongs. */
export const serviceLabel = "kubernetes.io/service-name";

/** Reads an EndpointSlice; undefined for one of no service. Endpoints that take no requests are left out. */
export function sliceOf(object: unknown): Slice | undefined {
  const json = objectOf(object);
  const metadata = objectOf(json?.metadata);
  const service = textOf(objectOf(metadata?.labels)?.[serviceLabel]);
  const name = textOf(metadata?.name);
  if (!json || name === undefined || service === undefined) return undefined;
  return {
    name,
    service,
    endpoints: listOf(json.endpoints).flatMap(endpointOf),
    ports: listOf(json.ports).flatMap(portOf),
  };
}

/**
 * By the API: without a condition `ready` an endpoint is ready; one that is serving and terminating finishes its requests and gets
 * no new ones.
 */
function endpointOf(json: Json): readonly SliceEndpoint[] {
  const conditions = objectOf(json.conditions) ?? {};
  const isReady = conditions.ready !== false;
  const isDraining = !isReady && conditions.serving === true && conditions.terminating === true;
  if (!isReady && !isDraining) return [];
  const { addresses, zone, nodeName, targetRef } = json;
  const listed = Array.isArray(addresses) ? addresses : [];
  const labels = Object.entries({ zone, node: nodeName }).filter(([, value]) => textOf(value));
  return [
    {
      // All addresses of an endpoint are those of the same pod; consumers may use the first one.
      addresses: listed.filter((one): one is string => typeof one === "string").slice(0, 1),
      isDraining,
      pod: textOf(objectOf(targetRef)?.name),
      labels: Object.fromEntries(labels) as Record<string, string>,
    },
  ];
}

function portOf({ name, port, protocol }: Json): readonly SlicePort[] {
  if (!isPort(port)) return [];
  return [{ name: textOf(name) ?? "", port, protocol: textOf(protocol) ?? "TCP" }];
}

/**
 * The entries of a service: key and value. `/web/10.0.0.1:80` if it has one port; else `/web:http/10.0.0.1:80` and
 * `/web:metrics/10.0.0.1:9090`. An endpoint may be in several slices for a while: one that is ready counts.
 */
export function valuesOf(service: string, slices: readonly Slice[]): ReadonlyMap<string, string> {
  const names = new Set(slices.flatMap(({ ports }) => ports.map(({ name }) => name)));
  const folderOf = (port: string) => (names.size > 1 ? `/${service}:${port}` : `/${service}`);
  const values = new Map<string, string>();
  const add = (slice: Slice, endpoint: SliceEndpoint) => {
    const { pod: name, isDraining, labels: own } = endpoint;
    for (const { name: portName, port, protocol } of slice.ports) {
      for (const host of endpoint.addresses) {
        const id = formatAddress({ host, port });
        const labels = { ...own, ...(protocol !== "TCP" && { protocol }) };
        const instance = {
          ...{ service, id, host, port },
          ...(name !== undefined && { name }),
          ...(isDraining && { weight: 0 }),
          ...(Object.keys(labels).length > 0 && { labels }),
        };
        const key = `${folderOf(portName)}/${id}`;
        if (!isDraining || !values.has(key)) values.set(key, encode(instance, "json"));
      }
    }
  };
  for (const slice of slices) for (const endpoint of slice.endpoints) add(slice, endpoint);
  return new Map([...values].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(objectOf).filter((one) => one !== undefined) : [];
}

/** A string that is not empty. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
