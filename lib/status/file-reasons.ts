import { adviceOn } from "./advice.ts";
import type { TemplateStatus } from "./contract.ts";
import { describePin } from "./describe.ts";
import type { FaultStatus } from "./loop-status.ts";
import { about, type ReasonDraft, reason } from "./reason.ts";

/** The reasons of a file and the proxy that reads it. */
export function templateReasons({
  target,
  revision,
  state,
  since,
  why,
  fault,
  unusable,
  pinned,
}: TemplateStatus): readonly ReasonDraft[] {
  const isDown = state === "proxy down";
  // That the proxy is down is the whole cause then.
  const isSaid = ["PROXY_NOT_RUNNING", "PROXY_UNREACHABLE"].includes(fault?.code ?? "");
  const cause = isDown && isSaid ? undefined : fault;
  return [
    ...(isDown ? [reason("proxy down", why, since)] : []),
    ...(revision === undefined && !isDown ? [unverified(target, since, cause)] : []),
    ...(revision !== undefined || isDown ? failing(target, cause) : []),
    ...(unusable ? [reason("template unusable", unusable.message, unusable.since)] : []),
    ...(pinned ? [reason("pinned", describePin(target, pinned), pinned.since)] : []),
    ...(state === "out of sync" ? [reason("out of sync", why, since)] : []),
  ];
}

function failing(target: string, fault: TemplateStatus["fault"]): readonly ReasonDraft[] {
  return fault
    ? [reason("file failing", sentenceOn(target, fault), fault.since, consequences(fault))]
    : [];
}

function unverified(target: string, since: string, fault: TemplateStatus["fault"]): ReasonDraft {
  return fault
    ? reason("not in sync yet", sentenceOn(target, fault), fault.since, consequences(fault))
    : reason("not in sync yet", `${target} is not in sync yet`, since);
}

/** A fault of a proxy is about all files that it reads: it is the same reason for each. */
function sentenceOn(target: string, { code, message }: FaultStatus): string {
  return code.startsWith("PROXY_") ? message : about(target, "is failing", message);
}

function consequences({ code, consequence = "" }: FaultStatus) {
  return { meanwhile: consequence, advice: adviceOn(code) };
}
