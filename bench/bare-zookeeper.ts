import { ACL, type Client, CreateMode, createClient } from "node-zookeeper-client";
import { inParallel } from "../test/support/in-parallel.ts";
import type { Bare } from "./bare.ts";
import type { KeyValue } from "./instances.ts";

/** The parts of the library that only a bare client uses. */
declare module "node-zookeeper-client" {
  interface Client {
    once(name: "connected", listener: () => void): void;
    close(): void;
    getData(
      path: string,
      watcher: () => void,
      done: (error: unknown, data: Buffer | undefined, stat: Stat) => void,
    ): void;
  }
}

/** The number of concurrent reads and of concurrent batches of writes. */
const width = { reads: 256, batches: 8 };

/** node-zookeeper-client with its defaults. */
export async function bareZookeeper(endpoint: string): Promise<Bare> {
  const client = await connected(endpoint);
  return {
    async fill(entries) {
      await createFolders(client, entries);
      const batches = Array.from({ length: Math.ceil(entries.length / 100) }, (_, i) =>
        entries.slice(i * 100, i * 100 + 100),
      );
      await inParallel(batches, width.batches, async (batch) => {
        const all = client.transaction();
        for (const [path, value] of batch) all.create(path, Buffer.from(value), acl, persistent);
        await answer<void>((done) => all.commit(done));
      });
    },
    async register(entries, concurrentWrites) {
      const session = await connected(endpoint);
      await createFolders(session, entries);
      await inParallel(entries, concurrentWrites, ([path, value]) =>
        answer((done) => session.create(path, Buffer.from(value), acl, ephemeral, done)),
      );
      return async () => session.close();
    },
    async put([path, value]) {
      await answer((done) => client.setData(path, Buffer.from(value), anyVersion, done));
    },
    async read(folder) {
      let count = 0;
      for (let level = [folder]; level.length > 0; ) {
        const below: string[] = [];
        await inParallel(level, width.reads, async (path) => {
          const isEntry = await hasData(client, path);
          if (isEntry) count += 1;
          else for (const name of await children(client, path)) below.push(`${path}/${name}`);
        });
        level = below;
      }
      return count;
    },
    // The library has no persistent watches: each key has a watch of its own, which is set again each time.
    async watch(_, keys, onPut) {
      const read = (path: string, onValue: typeof onPut) =>
        answer((done) =>
          client.getData(
            path,
            () => void read(path, onPut),
            (error, data) => {
              if (data) onValue([path, data.toString()]);
              done(error);
            },
          ),
        );
      await inParallel(keys, width.reads, (path) => read(path, () => {}));
    },
    close: () => client.close(),
  };
}

const acl = ACL.OPEN_ACL_UNSAFE;
const { PERSISTENT: persistent, EPHEMERAL: ephemeral } = CreateMode;
const anyVersion = -1;

async function connected(endpoint: string): Promise<Client> {
  const client = createClient(endpoint, { sessionTimeout: 60_000 });
  const { promise, resolve } = Promise.withResolvers<void>();
  client.once("connected", resolve);
  client.connect();
  await promise;
  return client;
}

/** Creates the folders of the entries, level by level. */
async function createFolders(client: Client, entries: readonly KeyValue[]): Promise<void> {
  const depths: Set<string>[] = [];
  for (const [key] of entries) {
    const names = key.split("/").slice(1, -1);
    names.forEach((_, depth) => {
      depths[depth] ??= new Set();
      depths[depth].add(`/${names.slice(0, depth + 1).join("/")}`);
    });
  }
  for (const folders of depths) {
    await inParallel(folders, width.reads, (path) =>
      answer((done) => client.create(path, Buffer.alloc(0), acl, persistent, done)),
    );
  }
}

async function hasData(client: Client, path: string): Promise<boolean> {
  const data = await answer<Buffer | undefined>((done) => client.getData(path, done));
  return data !== undefined && data.length > 0;
}

async function children(client: Client, path: string): Promise<readonly string[]> {
  return await answer<string[]>((done) => client.getChildren(path, done));
}

function answer<T>(call: (done: (error: unknown, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value as T)));
  });
}
