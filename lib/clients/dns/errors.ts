import { systemCode } from "../../base/fault.ts";

/** Reasons why a name has no addresses, by the code of the error, as clauses for messages. */
const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: "the name does not exist (NXDOMAIN)",
  ENODATA: "the name has no address",
  EBADNAME: "the name is invalid in DNS",
  ETIMEOUT: "no name server answered in time",
  ESERVFAIL: "the name server failed (SERVFAIL)",
  EREFUSED: "the name server refused the query (REFUSED)",
  ECONNREFUSED: "no name server is reachable",
  EAI_AGAIN: "the name servers failed to answer",
};

/** The codes of a definite answer: a retry only helps once the name is changed in DNS. */
const denials: readonly string[] = ["ENOTFOUND", "ENODATA", "EBADNAME"];

/** From the most to the least telling: the one to report if several queries for one name fail. */
const ranks: readonly string[] = ["ETIMEOUT", "ESERVFAIL", "EREFUSED", "ECONNREFUSED", "EAI_AGAIN"];

/** A name that could not be looked up. `code` is that of Node.js: `ENOTFOUND`, `ETIMEOUT`. */
export class LookupError extends Error {
  override readonly name = "LookupError";
  readonly code: string;

  constructor(code: string) {
    super(reasonOf(code));
    this.code = code;
  }
}

/** Why a lookup failed, as a clause: `the name does not exist (NXDOMAIN)`. */
export function lookupReason(error: unknown): string {
  return reasonOf(systemCode(error) ?? "");
}

/** Whether the error is a definite answer: there is no address. */
export function isDenial(error: unknown): boolean {
  return denials.includes(systemCode(error) ?? "");
}

/** The error that stands for several. */
export function worst(codes: readonly string[]): LookupError {
  const failed = ranks.find((code) => codes.includes(code));
  const other = codes.find((code) => !denials.includes(code));
  return new LookupError(failed ?? other ?? (codes.includes("ENODATA") ? "ENODATA" : "ENOTFOUND"));
}

function reasonOf(code: string): string {
  return (
    (Object.hasOwn(reasons, code) ? reasons[code] : undefined) ?? `the lookup failed (${code})`
  );
}
