import type { Access } from "../schema.ts";
import type { ZookeeperLocation } from "../url.ts";

/** Which ZooKeeper, and what it takes to be let in. */
export interface ZookeeperTarget {
  /** For people: without user and password. */
  readonly url: string;
  readonly location: ZookeeperLocation;
  readonly access: Access;
  /** ZooKeeper numbers the nodes. */
  readonly sequential?: boolean | undefined;
}
