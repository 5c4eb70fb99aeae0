import type { Refused } from "./raw-endpoint.ts";
import { refusal } from "./raw-endpoint.ts";

/**
 * What the name of a node holds that Nerve made with `use_path_encoding`:
 * `base64_<length>_<URL-safe base64 of the value>_<10 digits>`, without digits where it is not sequential.
 * Undefined for any other name. Nerve writes the value to the node as well; others need not.
 */
export function valueInName(id: string): { readonly value: string } | Refused | undefined {
  const [, length, rest = ""] = /^base64_(\d+)_(.*)$/s.exec(id) ?? [];
  if (length === undefined) return undefined;
  // An underscore is one of the characters of URL-safe base64: only the last one divides.
  const encoded = rest.replace(/_(?:\d{10})?$/, "");
  if (encoded.length !== Number(length)) {
    return refusal("name's base64", encoded, `${length} characters, not ${encoded.length}`);
  }
  if (!/^[\w-]+={0,2}$/.test(encoded)) return refusal("name's base64", encoded, "A-Z a-z 0-9 - _");
  return { value: Buffer.from(encoded, "base64url").toString() };
}
