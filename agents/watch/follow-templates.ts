import type { Fault } from "../../lib/base/fault.ts";
import { type FollowEditsDeps, followEdits } from "../../lib/render/follow-edits.ts";
import type { GroupStatus } from "./status.ts";

/** Reads the templates of all groups again whenever they are edited. */
export async function followTemplates(
  statuses: readonly GroupStatus[],
  deps: FollowEditsDeps,
  signal: AbortSignal,
): Promise<void> {
  const followed = statuses.flatMap((status) =>
    status.group.files.map(({ plan, source: file }) => {
      const onRead = (fault: Fault | undefined) => status.templateRead(plan.target.path, fault);
      return { file, edits: status.group.edits, onRead };
    }),
  );
  await followEdits(followed, deps, signal);
}
