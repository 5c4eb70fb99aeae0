import { excerptOf } from "../../base/secret.ts";
import { splitAddress } from "./loose-address.ts";
import type { Invalid, RawEndpoint } from "./raw-endpoint.ts";
import { invalid } from "./raw-endpoint.ts";
import { scalarsOf } from "./scalars.ts";

/** The weight of a provider without one, and the highest that a proxy takes. */
const [defaultWeight, highestWeight] = [100, 256];

/** The parameters that become labels. */
const labelled = ["application", "disabled", "group", "version", "weight"];

/** Whether the name of an entry is a URL that is URL-encoded, as Dubbo names its nodes. */
export function isUrlName(id: string): boolean {
  return /^[a-z][\w+.-]*%3A%2F%2F[^/]*$/i.test(id);
}

/**
 * Reads the URL in the name of a provider below `/dubbo/<interface>/providers`; the value of its node is of no use. The id is that of
 * `dubbo-10.0.0.1:20880`. A provider that is disabled has weight 0; the weight of any other is Dubbo's, or the highest of proxies.
 */
export function readDubbo(id: string): RawEndpoint | Invalid {
  const url = decoded(id);
  const [, protocol, place, query = ""] =
    /^([a-z][\w+.-]*):\/\/(?:[^/?@]*@)?([^/?]*)(?:[^?]*)(?:\?(.*))?$/is.exec(url ?? "") ?? [];
  if (protocol === undefined) {
    return { why: `its name is ${excerptOf(id, id)}: expected a URL that is URL-encoded` };
  }
  const parameters = new Map(query.split("&").map(nameAndValue));
  const category = parameters.get("category") ?? "providers";
  if (category !== "providers") return invalid("category", category, '"providers"');
  const address = splitAddress("address", place);
  if ("why" in address) return address;
  const labels = labelled.map((name) => [name, parameters.get(name)] as const);
  return {
    ...address,
    id: `${protocol}-${place}`,
    weight: weightOf(parameters),
    labels: scalarsOf({ protocol, ...Object.fromEntries(labels.filter(([, value]) => value)) }),
  };
}

/** As Java encodes it, with `+` for a space; undefined if it is damaged. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

function nameAndValue(parameter: string): readonly [name: string, value: string] {
  const end = parameter.indexOf("=");
  return end === -1 ? [parameter, ""] : [parameter.slice(0, end), parameter.slice(end + 1)];
}

function weightOf(parameters: ReadonlyMap<string, string>): unknown {
  const isDisabled = parameters.get("disabled") ?? String(parameters.get("enabled") === "false");
  if (isDisabled === "true") return 0;
  const weight = parameters.get("weight") ?? String(defaultWeight);
  return /^\d+$/.test(weight) ? Math.min(Number(weight), highestWeight) : weight;
}
