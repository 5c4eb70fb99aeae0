import { excerptOf } from "../../base/secret.ts";
import type { Invalid, RawEndpoint } from "./raw-endpoint.ts";

/** Splits `host:port` or `[v6]:port` without judging the two: the reason why one of them is invalid names it. */
export function splitAddress(field: string, text: unknown): RawEndpoint | Invalid {
  const [, v6, name, port] =
    (typeof text === "string" && /^(?:\[([^\]]*)\]|([^:/]*)):([^:/]*)$/.exec(text)) || [];
  const host = v6 ?? name;
  if (host !== undefined) return { host, port };
  const found = text === undefined || text === null ? "missing" : excerptOf(String(text), text);
  return { why: `its ${field} is ${found}: expected host:port` };
}
