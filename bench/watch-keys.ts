/**
 * Reads keys once and is told of their changes by the store's bare library, and keeps nothing: the floor for
 * follow-keys.ts, and the other witness for keyspace-load.ts.
 *
 *   node bench/watch-keys.ts URL FOLDER KEYS CHANGES
 */
import { bareClient } from "./bare-client.ts";
import { changeAt } from "./instances.ts";
import { testify } from "./witness.ts";

const [url = "", folder = "", keys, changes] = process.argv.slice(2);
const client = await bareClient(url);
const wanted = Array.from({ length: Number(changes) }, (_, n) => changeAt(folder, n, Number(keys)));

await testify(
  () => client.read(folder),
  async (saw) => {
    let n = 0;
    await client.watch(folder, new Set(wanted.map(([key]) => key)), ([key, value]) => {
      if (key !== wanted[n]?.[0] || value !== wanted[n]?.[1]) return;
      n += 1;
      saw();
    });
  },
);
