import { excerptOf, isSecretName } from "../base/secret.ts";
import { encode } from "./encode.ts";
import type { Entry } from "./entry.ts";
import { readAddress } from "./formats/address.ts";
import { readCurator } from "./formats/curator.ts";
import { isUrlName, readDubbo } from "./formats/dubbo.ts";
import { valueInName } from "./formats/encoded-name.ts";
import { readGrpcNaming } from "./formats/grpc-naming.ts";
import { type Json, parseObject } from "./formats/json.ts";
import { isKafkaBroker, readKafka } from "./formats/kafka.ts";
import { readNerve } from "./formats/nerve.ts";
import type { Invalid, RawEndpoint } from "./formats/raw-endpoint.ts";
import { readRegistrator } from "./formats/registrator.ts";
import { readServerset } from "./formats/serverset.ts";
import { readSolr } from "./formats/solr.ts";
import type { Instance } from "./instance.ts";
import { nameProblem, urlNameProblem } from "./names.ts";
import type { Endpoint } from "./pool.ts";
import { validate } from "./validate.ts";

/** The last two parts of an entry's key: `<folder>/<service>/<id>`. */
export interface EntryLocation {
  readonly service: string;
  readonly id: string;
}

export type Decoded = { readonly endpoint: Endpoint } | Invalid;

/** How the entries of a folder are read. */
export interface DecodeOptions {
  /**
   * The additional endpoint whose address is that of the instance: for members of a serverset, listeners of Kafka and the SSL port
   * of Curator; others have one address.
   */
  readonly endpoint?: string | undefined;
}

type Read = (json: Json, endpoint: string | undefined) => RawEndpoint | Invalid;

/** The JSON formats, each identified by a key that all of its objects have and no other format uses. */
const formats: readonly (readonly [key: string, read: Read])[] = [
  ["host", readNerve],
  ["IP", readRegistrator],
  ["serviceEndpoint", readServerset],
  ["address", readCurator],
  ["Addr", readGrpcNaming],
];

/** Decodes an entry in any of the formats in docs/formats.md. If it is invalid, `why` has the reason. */
export function decode(
  { service, id }: EntryLocation,
  { key, value }: Entry,
  { endpoint: named }: DecodeOptions = {},
): Decoded {
  const isUrl = isUrlName(id);
  const problem = isUrl ? urlNameProblem({ service, id }) : nameProblem({ service, id });
  if (problem) return { why: problem };
  const raw = isUrl ? readDubbo(id) : rawEndpointOf(id, value.trim(), named);
  const endpoint = "why" in raw ? raw : validate({ service, id: raw.id ?? id, key }, raw);
  if (!("why" in endpoint)) return { endpoint };
  // The reason quotes the value.
  return isSecretName(key) ? { why: "its value, which may be secret, is invalid" } : endpoint;
}

const refusals = new WeakMap<Instance, { readonly why?: string }>();

/** Why readers would quarantine the entry of an instance; undefined if they accept it. Remembered for each instance. */
export function refusedByReaders(instance: Instance): string | undefined {
  const known = refusals.get(instance);
  if (known) return known.why;
  const { service, id } = instance;
  const entry = { key: `${service}/${id}`, value: encode(instance, "json"), revision: "" };
  const decoded = decode({ service, id }, entry);
  const refusal = "why" in decoded ? { why: decoded.why } : {};
  refusals.set(instance, refusal);
  return refusal.why;
}

/** A value in the name goes before that of the entry, as for Nerve, unless it is damaged and there is another one. */
function rawEndpointOf(
  id: string,
  text: string,
  endpoint: string | undefined,
): RawEndpoint | Invalid {
  const found = valueInName(id);
  if (found && "value" in found) return readJson(found.value, endpoint);
  if (text === "") {
    const why = "it is empty: expected host:port, a URL or a JSON object";
    return found ?? readSolr(id) ?? { why };
  }
  return text.startsWith("{") ? readJson(text, endpoint) : readAddress(text);
}

function readJson(text: string, endpoint: string | undefined): RawEndpoint | Invalid {
  const json = parseObject(text);
  if (!json) return { why: `it is ${excerptOf(text, text)}: expected JSON` };
  // Its JSON has the keys of Nerve's, too.
  if (isKafkaBroker(json)) return readKafka(json, endpoint);
  const format = formats.find(([key]) => Object.hasOwn(json, key));
  if (format) return format[1](json, endpoint);
  const keys = formats.map(([key]) => key).join(", ");
  return { why: `it is ${excerptOf(text, text)}: expected one of the keys ${keys}` };
}
