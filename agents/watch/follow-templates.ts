import type { Clock } from "../../lib/base/clock.ts";
import type { Fault } from "../../lib/base/fault.ts";
import type { Log } from "../../lib/base/log.ts";
import { followEdits } from "../../lib/render/follow-edits.ts";
import type { GroupStatus } from "./status.ts";

/** The loops that read the templates of a group again when they are edited, one for each. */
export function followTemplates(
  status: GroupStatus,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
) {
  const { group } = status;
  return group.files.map(({ plan, source }) => (signal: AbortSignal) => {
    const onRead = (fault: Fault | undefined) => status.templateRead(plan.target.path, fault);
    return followEdits(source, group.edits, { log, clock, onRead }, signal);
  });
}
