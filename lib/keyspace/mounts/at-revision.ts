import { faults } from "../faults.ts";
import { readOnlyKeyspace } from "../read-only.ts";
import { type Mount, Mounts } from "./mounts.ts";

/**
 * The keyspaces at a revision as the program prints it: `17` is one of the root keyspace, `/legacy:4` one of the keyspace that is
 * mounted there, and `17 /legacy:4` has both. A keyspace that is not named is read as it is now. The result needs no disposal; it
 * lives as long as `mounts`. Throws KEYSPACE_NO_PAST and KEYSPACE_REVISION_INVALID.
 */
export function atRevision(mounts: Mounts, revision: string): Mounts {
  const wanted = revisionsIn(revision);
  const folders = mounts.all.map(({ folder }) => folder);
  const unknown = [...wanted.keys()].find((folder) => !folders.includes(folder));
  if (unknown !== undefined || wanted.size === 0) {
    const mounted = folders.filter(Boolean).map((folder) => `, ${folder}:N for ${folder}`);
    const expected = `N for ${mounts.root.keyspace.url}${mounted.join("")}`;
    throw faults.KEYSPACE_REVISION_INVALID({ revision, expected });
  }
  const past = mounts.all.map(
    (mount) => [mount.folder, pastOrNow(mount, wanted.get(mount.folder))] as const,
  );
  const [[, root = mounts.root.keyspace] = [], ...mounted] = past;
  return new Mounts(root, new Map(mounted));
}

function pastOrNow({ keyspace }: Mount, revision: string | undefined): Mount["keyspace"] {
  if (revision === undefined) return keyspace;
  const { url } = keyspace;
  if (!keyspace.at) throw faults.KEYSPACE_NO_PAST({ url, revision });
  const past = keyspace.at(revision);
  return { ...readOnlyKeyspace(url, past.watch), ...past };
}

/** By the folder of the mount, which is empty for the root. */
function revisionsIn(text: string): ReadonlyMap<string, string> {
  const parts = text.split(/\s+/).filter(Boolean);
  return new Map(
    parts.map((part) => {
      const end = part.lastIndexOf(":");
      return [part.slice(0, Math.max(0, end)), part.slice(end + 1)];
    }),
  );
}
