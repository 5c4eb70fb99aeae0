/**
 * Reads keys once and watches their changes with the plain library of the store, without keeping them: the floor for
 * follow-keys.ts, and the other observer for keyspace-load.ts.
 *
 *   node bench/watch-keys.ts URL FOLDER KEYS CHANGES
 */
import { bareClient } from "./bare-client.ts";
import { changeAt } from "./instances.ts";
import { observe } from "./observer.ts";

const [url = "", folder = "", keys, changes] = process.argv.slice(2);
const client = await bareClient(url);
const expected = Array.from({ length: Number(changes) }, (_, n) =>
  changeAt(folder, n, Number(keys)),
);

await observe(
  () => client.read(folder),
  async (onChange) => {
    let n = 0;
    await client.watch(folder, new Set(expected.map(([key]) => key)), ([key, value]) => {
      if (key !== expected[n]?.[0] || value !== expected[n]?.[1]) return;
      n += 1;
      onChange();
    });
  },
);
