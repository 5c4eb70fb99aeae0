/**
 * Renders a file as `put-to-file.ts` expects it with the plain library of etcd and the fewest steps: the floor of a watcher.
 * One list, a map of the lines, and one write and rename for each change.
 *
 *   node bench/bare-file.ts ENDPOINT FOLDER TARGET raw|json
 */
import { rename, writeFile } from "node:fs/promises";
import { Etcd3 } from "etcd3";

const [endpoint = "", folder = "", target = "", kind = ""] = process.argv.slice(2);
const etcd = new Etcd3({
  hosts: `http://${endpoint}`,
  grpcOptions: { "grpc.max_receive_message_length": -1 },
});
const lines = new Map<string, string>();

function set(key: Buffer, value: Buffer): void {
  const text = value.toString();
  if (kind === "raw") return void lines.set(key.toString(), `server ${text};\n`);
  const { host, port, weight } = JSON.parse(text);
  lines.set(key.toString(), `server ${host}:${port} weight=${weight};\n`);
}

async function write(): Promise<void> {
  await writeFile(`${target}.tmp`, [...lines.values()].join(""));
  await rename(`${target}.tmp`, target);
}

const [key, range_end] = [Buffer.from(`${folder}/`), Buffer.from(`${folder}0`)];
const { kvs, header } = await etcd.kv.range({ key, range_end });
for (const one of kvs) set(one.key, one.value);
await write();
const watcher = await etcd
  .watch()
  .prefix(`${folder}/`)
  .startRevision(String(BigInt(header.revision) + 1n))
  .create();
let writing = Promise.resolve();
watcher.on("put", (one) => {
  set(one.key, one.value);
  writing = writing.then(write);
});
