import { readdir } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { ifSystem } from "../../base/fault.ts";
import { entriesOf, isDead } from "./reap.ts";
import { inodeOf } from "./remove.ts";
import { isSession, sessionsOf } from "./sweep.ts";

/** Finds the sessions that hold files, among the sessions at the time of the first search. */
export class Owners {
  readonly #root: string;
  /** The folders of the sessions; the one that was found last comes first, since it is likely to hold more files. */
  #sessions: Promise<readonly string[]> | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** The id of the session with a link to the file; undefined if there is none, or none yet while the file is written. */
  async find(path: string, inode: bigint): Promise<string | undefined> {
    this.#sessions ??= sessionFolders(this.#root);
    const sessions = await this.#sessions;
    const below = relative(this.#root, path);
    for (const session of sessions) {
      const held = await inodeOf(join(entriesOf(session), below)).catch(ifSystem);
      if (held !== inode) continue;
      if (session !== sessions[0]) {
        this.#sessions = Promise.resolve([session, ...sessions.filter((one) => one !== session)]);
      }
      return basename(session);
    }
    return undefined;
  }
}

/** Without the sessions that have ended. */
async function sessionFolders(root: string): Promise<readonly string[]> {
  const names = (await readdir(sessionsOf(root)).catch(ifSystem)) ?? [];
  return names
    .filter((name) => isSession(name) && !isDead(name))
    .map((name) => join(sessionsOf(root), name));
}
