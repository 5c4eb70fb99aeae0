import type { Generation } from "../../lib/journal/contract.ts";
import type { Journal } from "../../lib/journal/journal.ts";
import type { WatcherFile } from "../../lib/model/watcher-file.ts";
import { stateOf } from "../../lib/status/report.ts";
import type { GroupStatus } from "./status.ts";

/** How many digits of a digest other watchers see. */
const digits = 12;

/** The files of a group, as other watchers see them. */
export function watcherFiles(
  status: Pick<GroupStatus, "group" | "facts">,
  journal: Pick<Journal, "lastOf">,
): readonly WatcherFile[] {
  const { group } = status;
  const { last, reached } = journal.lastOf(group.title);
  const digests = new Map(reached?.files.map(({ target, sha256 }) => [target, sha256]));
  const refused = refusedBy(group, last);
  return status.facts().map(({ target, revision, loop, observed }) => {
    const digest = digests.get(target)?.slice(0, digits);
    return {
      target,
      state: stateOf({ revision, loop, observed }).state,
      generation: last?.n ?? 0,
      ...(revision !== undefined && { revision }),
      ...(revision !== undefined && digest !== undefined && { digest }),
      ...(refused !== undefined && { refused }),
    };
  });
}

/** `<key>@<revision>` of the entry that is quarantined, or else of the one that the last refusal points at. */
function refusedBy(
  { quarantine }: Pick<GroupStatus["group"], "quarantine">,
  last: Generation | undefined,
): string | undefined {
  const held = quarantine.quarantined.at(-1);
  if (held) return `${held.key}@${held.revision}`;
  const [key] = last?.refused?.keys ?? [];
  const change = last?.cause.keys.find((one) => one.key === key);
  return change && `${change.key}@${change.revision}`;
}
