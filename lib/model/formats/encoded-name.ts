import type { Invalid } from "./raw-endpoint.ts";
import { invalid } from "./raw-endpoint.ts";

/**
 * Decodes the value in the name of a node that Nerve created with `use_path_encoding`:
 * `base64_<length>_<URL-safe base64 of the value>_<10 digits>`, without digits if it is not sequential.
 * Undefined for any other name. Nerve also writes the value to the node; other writers may not.
 */
export function valueInName(id: string): { readonly value: string } | Invalid | undefined {
  const [, length, rest = ""] = /^base64_(\d+)_(.*)$/s.exec(id) ?? [];
  if (length === undefined) return undefined;
  // URL-safe base64 may contain underscores: only the last one is a separator.
  const encoded = rest.replace(/_(?:\d{10})?$/, "");
  if (encoded.length !== Number(length)) {
    return invalid("name's base64", encoded, `${length} characters, not ${encoded.length}`);
  }
  if (!/^[\w-]+={0,2}$/.test(encoded)) return invalid("name's base64", encoded, "A-Z a-z 0-9 - _");
  return { value: Buffer.from(encoded, "base64url").toString() };
}
