import { type FSWatcher, type Stats, statfsSync, watch } from "node:fs";
import { lstat } from "node:fs/promises";
import { basename } from "node:path";
import { Cell } from "../../base/cell.ts";
import { ifSystem } from "../../base/fault.ts";
import { isSession, sessionsOf } from "./sweep.ts";

/** The types of file systems that report every change to inotify: no other machine and no server changes their files. */
const localTypes: ReadonlySet<number> = new Set([
  // ext2 to ext4, XFS, btrfs, tmpfs, overlayfs, ZFS, F2FS, ramfs, bcachefs: see statfs(2).
  ...[0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630],
  ...[0x2fc12fc1, 0xf2f52010, 0x858458f6, 0xca451a4e],
]);

/** Reports sessions that begin and end, where the file system reports changes. A heartbeat is not reported. */
export class SessionsWatch implements Disposable {
  /** Set when a session may have begun or ended. */
  readonly changed = new Cell<undefined>(undefined);
  readonly #root: string;
  readonly #typeOf: (path: string) => number;
  #watched: { readonly inode: string; readonly watcher: FSWatcher } | undefined;

  /** `typeOf` gets the type of the file system of a path, as in statfs(2). */
  constructor(root: string, typeOf = fileSystemType) {
    this.#root = root;
    this.#typeOf = typeOf;
  }

  /** Watches the folder that has the sessions now. Returns whether every change will be reported. */
  async renew(): Promise<boolean> {
    const sessions = sessionsOf(this.#root);
    const own = await lstat(sessions).catch(ifSystem);
    if (own) return this.#follow(sessions, own, isSession);
    // The first session creates the folder.
    const above = await lstat(this.#root).catch(ifSystem);
    if (above) return this.#follow(this.#root, above, (name) => name === basename(sessions));
    this.#stop();
    return false;
  }

  #follow(
    folder: string,
    { dev, ino, birthtimeMs }: Stats,
    concerns: (name: string) => boolean,
  ): boolean {
    // A folder that is removed and created again may have the same inode, but is no longer watched.
    const inode = `${folder} ${dev} ${ino} ${birthtimeMs}`;
    if (this.#watched?.inode === inode) return true;
    this.#stop();
    try {
      if (!localTypes.has(this.#typeOf(folder) >>> 0)) return false;
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        // The folder itself is reported by its own name when it is removed.
        if (name === null || concerns(name) || name === basename(folder))
          this.changed.set(undefined);
      });
      watcher.on("error", () => {
        this.#stop();
        this.changed.set(undefined);
      });
      this.#watched = { inode, watcher };
      return true;
    } catch (error) {
      ifSystem(error);
      return false;
    }
  }

  #stop(): void {
    this.#watched?.watcher.close();
    this.#watched = undefined;
  }

  [Symbol.dispose](): void {
    this.#stop();
  }
}

function fileSystemType(path: string): number {
  return statfsSync(path).type;
}
