import type { Access } from "../schema.ts";
import type { ZookeeperLocation } from "../url.ts";

export interface ZookeeperTarget {
  /** For display: without user and password. */
  readonly url: string;
  readonly location: ZookeeperLocation;
  readonly access: Access;
  /** ZooKeeper numbers the nodes. */
  readonly sequential?: boolean | undefined;
}
