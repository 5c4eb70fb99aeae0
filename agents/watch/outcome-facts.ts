import { Fault, sentence } from "../../lib/base/fault.ts";
import type { How, Refusal } from "../../lib/journal/contract.ts";
import type { Applied } from "../../lib/proxy/contract.ts";
import type { Outcome } from "./apply.ts";
import { RejectionOfKeys } from "./judgement.ts";
import { isRejection } from "./rejection.ts";
import type { Trace } from "./trace.ts";

/** How the journal names a result; `back` is how the proxy went back to what its files have, if it did. */
export function howOf(result: Outcome | Fault, back?: Trace["back"]): How {
  if (result instanceof Fault) return isRejection(result) ? "refused" : "failed";
  if (result.kind === "deferred") return result.kind;
  const { applied = back?.applied } = appliedBy(result);
  if (applied) return applied.split(" ")[0] as How;
  const isWritten = result.kind === "applied" && result.changed.length > 0;
  return isWritten ? "written" : "same";
}

/** Files that follow are those of a generation before, which the proxy serves already. */
function appliedBy(result: Outcome): { readonly applied?: Applied | undefined } {
  return result.kind === "applied" || result.kind === "ahead" ? result : {};
}

/** The change of the proxy, where the result has details of it. */
export function detailOf(result: Outcome | Fault): { readonly detail?: string } {
  const { applied } = result instanceof Fault ? {} : appliedBy(result);
  return applied?.includes(" ") ? { detail: applied } : {};
}

/** Why nothing was changed. */
export function refusalOf(fault: Fault): Refusal {
  const keys = fault instanceof RejectionOfKeys ? fault.keys : [];
  return { code: fault.code, message: sentence(fault), keys };
}
