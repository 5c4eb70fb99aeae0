import { outermost } from "../../model/entry.ts";
import type { Keyspace } from "../contract.ts";

/** A keyspace, and the folder below which its keys are visible. */
export interface Mount {
  /** `/legacy`; the empty string for the keyspace of all other paths. */
  readonly folder: string;
  readonly keyspace: Keyspace;
}

/** The place of a path: `/services/web/a` in the keyspace that is mounted at `/legacy` for `/legacy/services/web/a`. */
export interface Located {
  readonly mount: Mount;
  /** The key, or the folder, in the keyspace of the mount. */
  readonly key: string;
}

/**
 * Several keyspaces as one namespace, as a file system has mounted disks: below the folder of a mount are the keys of its
 * keyspace, and whatever another one has there is hidden. A path is a key as it is visible; each keyspace has keys of its own.
 */
export class Mounts implements AsyncDisposable {
  /** The keyspace of all paths that are in no mounted folder. */
  readonly root: Mount;
  readonly all: readonly Mount[];
  readonly #byFolder: ReadonlyMap<string, Mount>;

  /** `mounted` has keyspaces by folder, such as `/legacy`. */
  constructor(root: Keyspace, mounted: ReadonlyMap<string, Keyspace> = new Map()) {
    this.root = { folder: "", keyspace: root };
    const others = Array.from(mounted, ([folder, keyspace]) => ({ folder, keyspace }));
    this.all = [this.root, ...others];
    this.#byFolder = new Map(this.all.map((mount) => [mount.folder, mount]));
  }

  /** All keyspaces for display: without credentials. */
  get url(): string {
    const urls = this.all.map(({ folder, keyspace: { url } }) =>
      folder ? `${folder} ${url}` : url,
    );
    return urls.join(", ");
  }

  /** The keyspace that has the key of a path. */
  locate(path: string): Located {
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      const mount = this.#byFolder.get(path.slice(0, end));
      if (mount) return { mount, key: path.slice(end) };
    }
    return { mount: this.root, key: path };
  }

  /** The path of a key; undefined if another keyspace is mounted there. */
  pathOf(mount: Mount, key: string): string | undefined {
    const path = `${mount.folder}${key}`;
    return this.locate(path).mount === mount ? path : undefined;
  }

  /** Whether keys of a mount may be hidden by another one. */
  hidesKeysOf({ folder }: Mount): boolean {
    return this.all.some((other) => other.folder.startsWith(`${folder}/`));
  }

  /** The folders, as paths, that have to be read of each keyspace for these; keyspaces without any are absent. */
  partsOf(folders: readonly string[]): ReadonlyMap<Mount, readonly string[]> {
    const parts = new Map<Mount, readonly string[]>();
    const add = (mount: Mount, folder: string) => {
      parts.set(mount, [...(parts.get(mount) ?? []), folder]);
    };
    for (const folder of outermost(folders)) {
      add(this.locate(folder).mount, folder);
      for (const mount of this.all)
        if (mount.folder.startsWith(`${folder}/`)) add(mount, mount.folder);
    }
    return parts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map(({ keyspace }) => keyspace[Symbol.asyncDispose]()));
  }
}
