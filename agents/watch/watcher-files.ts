import type { Generation } from "../../lib/journal/contract.ts";
import type { Journal } from "../../lib/journal/journal.ts";
import { mostRefusedToo, type WatcherFile } from "../../lib/model/watcher-file.ts";
import { stateOf } from "../../lib/status/report.ts";
import { judgeOf } from "./judge.ts";
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
  const [refused, ...refusedToo] = refusedBy(group, last);
  const judge = group.turn && judgeOf(group).slice(0, digits);
  return status.facts().map(({ target, revision, loop, observed }) => {
    const digest = digests.get(target)?.slice(0, digits);
    return {
      target,
      state: stateOf({ revision, loop, observed }).state,
      generation: last?.n ?? 0,
      ...(revision !== undefined && { revision }),
      ...(revision !== undefined && digest !== undefined && { digest }),
      ...(refused !== undefined && { refused }),
      ...(refusedToo.length > 0 && { refusedToo }),
      ...(judge !== undefined && { judge }),
    };
  });
}

/** `<key>@<revision>` of the entries that are quarantined, the last one first, or else of the one that the last refusal points at. */
function refusedBy(
  { quarantine }: Pick<GroupStatus["group"], "quarantine">,
  last: Generation | undefined,
): readonly string[] {
  const held = quarantine.refused.slice(-1 - mostRefusedToo).reverse();
  if (held.length > 0) return held.map(({ key, revision }) => `${key}@${revision}`);
  const [key] = last?.refused?.keys ?? [];
  const change = last?.cause.keys.find((one) => one.key === key);
  return change ? [`${change.key}@${change.revision}`] : [];
}
