import type { Etcd3, IKeyValue, IResponseHeader } from "etcd3";
import { abortable } from "../../base/signal.ts";
import type { Batch, Entry } from "../../model/entry.ts";
import type { Past } from "../contract.ts";
import { faults } from "../faults.ts";
import { asFault, whyNotAtRevision } from "./errors.ts";
import { entryOf, readFolders } from "./list.ts";
import { listSlashless } from "./slashless.ts";
import { withoutSlash } from "./stored-keys.ts";
import type { EtcdWatchDeps } from "./watch.ts";

/** etcd counts in 63 bits: a longer number is no revision of any etcd. */
const revisionForm = /^[1-9]\d{0,17}$/;

/** What etcd keeps of an earlier revision: everything, until it is compacted. Each reading has a connection of its own. */
export function pastOf({ url, keys, dial }: Omit<EtcdWatchDeps, "clock">, revision: string): Past {
  const at = { revision } as IResponseHeader;

  const read = async <T>(
    what: string,
    work: (client: Etcd3) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> => {
    if (!revisionForm.test(revision)) {
      const expected = "a number such as 12345, as sidekick history and log lines have it";
      throw faults.KEYSPACE_REVISION_INVALID({ revision, expected });
    }
    let client: Etcd3 | undefined;
    try {
      client = await dial(signal);
      return await work(client);
    } catch (error) {
      signal.throwIfAborted();
      const why = whyNotAtRevision(error instanceof Error ? (error.cause ?? error) : error);
      if (why) throw faults.KEYSPACE_REVISION_UNAVAILABLE({ url, revision, why }, error);
      throw asFault(error, url, what);
    } finally {
      client?.close();
    }
  };

  return {
    url,
    async *watch(prefixes, signal): AsyncGenerator<Batch> {
      const entries = new Map<string, Entry>();
      const onEntry = (kv: IKeyValue) => {
        const entry = entryOf(kv, keys);
        entries.set(entry.key, entry);
      };
      await read(
        "read all keys",
        (client) => readFolders(client, prefixes, { url, keys, at, onEntry }, signal),
        signal,
      );
      yield { kind: "reset", revision, entries };
      await abortable(new Promise<never>(() => {}), signal);
    },
    listSlashless: async (folder, signal) =>
      keys === withoutSlash
        ? new Map()
        : await read(
            `read ${folder || "all keys"}`,
            (client) => listSlashless(client, folder, signal, at),
            signal,
          ),
  };
}
