import type { Cell } from "../../lib/base/cell.ts";
import type { Fault } from "../../lib/base/fault.ts";
import { runLatest } from "../../lib/base/run-each.ts";
import { type FollowEditsDeps, followEdits } from "../../lib/render/follow-edits.ts";
import type { GroupStatus } from "./status.ts";

/** Reads the templates of all groups again whenever they are edited. */
export async function followTemplates(
  statuses: Cell<readonly GroupStatus[]>,
  deps: FollowEditsDeps,
  signal: AbortSignal,
): Promise<void> {
  const follow = async (all: readonly GroupStatus[], s: AbortSignal) => {
    // An edit may have been noticed, and not been read yet, when there were other groups.
    const areUnread = statuses.version > 0;
    await followEdits(all.flatMap(followedOf), { ...deps, areUnread }, s);
  };
  await runLatest(statuses, follow, signal);
}

function followedOf(status: GroupStatus) {
  return status.group.files.map(({ plan, source: file }) => {
    const onRead = (fault: Fault | undefined) => status.templateRead(plan.target.path, fault);
    return { file, edits: status.group.edits, onRead };
  });
}
