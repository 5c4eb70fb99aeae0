import { excerpt } from "../base/excerpt.ts";
import type { Entry } from "./entry.ts";
import { readAddress } from "./formats/address.ts";
import { valueInName } from "./formats/encoded-name.ts";
import { type Json, parseObject } from "./formats/json.ts";
import { readNerve } from "./formats/nerve.ts";
import type { RawEndpoint, Refused } from "./formats/raw-endpoint.ts";
import { readRegistrator } from "./formats/registrator.ts";
import { readServerset } from "./formats/serverset.ts";
import type { Endpoint } from "./pool.ts";
import { validate } from "./validate.ts";

/** Where in the keyspace an entry was found: `<folder>/<service>/<id>`. */
export interface Place {
  readonly service: string;
  readonly id: string;
}

export type Decoded = { readonly endpoint: Endpoint } | Refused;

/** The formats in JSON, each by a key that is in all of its objects, and in none of the others'. */
const formats: readonly (readonly [key: string, read: (json: Json) => RawEndpoint | Refused])[] = [
  ["host", readNerve],
  ["IP", readRegistrator],
  ["serviceEndpoint", readServerset],
];

/**
 * Reads an entry as an endpoint, whoever wrote it: docs/formats.md lists the formats. `why` says what made
 * it unusable.
 */
export function decode({ service, id }: Place, { key, value }: Entry): Decoded {
  const claim = claimOf(id, value.trim());
  if ("why" in claim) return claim;
  const endpoint = validate({ service, id, key }, claim);
  return "why" in endpoint ? endpoint : { endpoint };
}

function claimOf(id: string, text: string): RawEndpoint | Refused {
  if (text !== "") return text.startsWith("{") ? readJson(text) : readAddress(text);
  const found = valueInName(id);
  if (!found) return { why: "it is empty: expected host:port, a URL or a JSON object" };
  return "why" in found ? found : readJson(found.value);
}

function readJson(text: string): RawEndpoint | Refused {
  const json = parseObject(text);
  if (!json) return { why: `it is ${excerpt(text)}: expected JSON` };
  const format = formats.find(([key]) => Object.hasOwn(json, key));
  if (format) return format[1](json);
  const keys = formats.map(([key]) => key).join(", ");
  return { why: `it is ${excerpt(text)}: expected one of the keys ${keys}` };
}
