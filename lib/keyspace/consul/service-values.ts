import { ConsulError } from "../../clients/consul/errors.ts";
import { encode } from "../../model/encode.ts";
import { isPort } from "../../model/endpoint.ts";
import type { Instance } from "../../model/instance.ts";

/** An instance of a service as `/v1/health/service/` has it. */
interface Registered {
  readonly id: string;
  readonly node: string;
  readonly host: string;
  readonly port: number;
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
}

type Json = Readonly<Record<string, unknown>>;

/** The largest weight of an instance. */
const maxWeight = 256;

/**
 * The entries of a service: key and value. An instance in maintenance mode is draining, which is the weight 0; any other one with a
 * critical check is left out. The last part of a key is the id of the instance, or its node if the id is only the name of the
 * service; the node is added to an id that several nodes have.
 */
export function valuesOf(service: string, items: readonly object[]): ReadonlyMap<string, string> {
  const all = items.flatMap((item) => registeredOf(service, item as Json));
  const counts = Map.groupBy(all, ({ id }) => id);
  const entries = all.map(({ id: own, node, ...address }): [string, string] => {
    const isUnique = counts.get(own)?.length === 1;
    const id = (isUnique ? own : `${own}@${node}`).replaceAll("/", "%2F");
    const instance: Instance = { service, id, name: node, ...address };
    return [`/${service}/${id}`, encode(instance, "json")];
  });
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function registeredOf(service: string, item: Json): readonly Registered[] {
  const [node, own] = [objectOf(item.Node), objectOf(item.Service)];
  const { Node, Address } = node;
  const { ID, Port } = own;
  const host = own.Address || Address;
  const isWhole = [Node, ID, host].every((text) => typeof text === "string" && text !== "");
  if (!isWhole) throw new ConsulError("unreadable", "the answer is not a list of instances");
  // Without a port, there is nothing to connect to.
  if (!isPort(Port)) return [];
  const state = stateOf(Array.isArray(item.Checks) ? item.Checks.map(objectOf) : []);
  if (state === "critical") return [];
  return [
    {
      id: String(ID === service ? Node : ID),
      node: String(Node),
      host: String(host),
      port: Port,
      weight: weightOf(state, objectOf(own.Weights)),
      labels: labelsOf(own),
    },
  ];
}

type State = "passing" | "warning" | "critical" | "draining";

/** By the checks of the instance and of its node. */
function stateOf(checks: readonly Json[]): State {
  const isMaintenance = ({ CheckID }: Json) =>
    typeof CheckID === "string" &&
    (CheckID === "_node_maintenance" || CheckID.startsWith("_service_maintenance"));
  const others = checks.filter((one) => !isMaintenance(one));
  if (others.some(({ Status }) => Status !== "passing" && Status !== "warning")) return "critical";
  if (others.length < checks.length) return "draining";
  return others.some(({ Status }) => Status === "warning") ? "warning" : "passing";
}

function weightOf(state: State, { Passing, Warning }: Json): number {
  if (state === "draining") return 0;
  const weight = state === "warning" ? Warning : Passing;
  if (typeof weight !== "number" || !Number.isFinite(weight)) return 1;
  return Math.min(maxWeight, Math.max(0, Math.round(weight)));
}

/** Its metadata, and its tags as one label. */
function labelsOf({ Tags, Meta }: Json): Readonly<Record<string, string>> {
  const tags = Array.isArray(Tags) ? Tags.filter((tag) => typeof tag === "string") : [];
  const meta = Object.entries(objectOf(Meta)).filter(([, value]) => typeof value === "string");
  return {
    ...(tags.length > 0 && { tags: tags.join(",") }),
    ...(Object.fromEntries(meta) as Record<string, string>),
  };
}

function objectOf(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}
