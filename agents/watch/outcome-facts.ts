import { Fault, sentence } from "../../lib/base/fault.ts";
import type { How, Refusal } from "../../lib/journal/contract.ts";
import type { Outcome } from "./apply.ts";
import { isRejection } from "./judge.ts";
import { RejectionOfKeys } from "./judgement.ts";

/** How the journal names a result. */
export function howOf(result: Outcome | Fault): How {
  if (result instanceof Fault) return isRejection(result) ? "refused" : "failed";
  if (result.kind !== "applied") return result.kind;
  const { applied, changed } = result;
  if (!applied) return changed.length > 0 ? "written" : "same";
  return applied.split(" ")[0] as How;
}

/** The change of the proxy, where the result has details of it. */
export function detailOf(result: Outcome | Fault): { readonly detail?: string } {
  const isApplied = !(result instanceof Fault) && result.kind === "applied";
  return isApplied && result.applied?.includes(" ") ? { detail: result.applied } : {};
}

/** Why nothing was changed. */
export function refusalOf(fault: Fault): Refusal {
  const keys = fault instanceof RejectionOfKeys ? fault.keys : [];
  return { code: fault.code, message: sentence(fault), keys };
}
