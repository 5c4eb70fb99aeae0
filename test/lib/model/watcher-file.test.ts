import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeWatcherEntry, encodeWatcherEntry } from "../../../lib/model/watcher-entry.ts";
import { filesWithinLimits, type WatcherFile } from "../../../lib/model/watcher-file.ts";

const base = { session: "7", prefixes: ["/services"], drained: new Map() };
const entry = (value: string) => ({
  key: "/sidekick/watchers/w",
  value,
  revision: "1",
  owner: "7",
});

const inSync = (target: string): WatcherFile => ({ target, state: "in sync", generation: 3 });

test("the files of a watcher survive its entry, whatever their names are", () => {
  const files: readonly WatcherFile[] = [
    { ...inSync('/a"\\\n\u202e'), revision: "17", digest: "0123456789ab" },
    { target: "__proto__", state: "failing", generation: 4, refused: "/services/web/a@9" },
  ];
  const decoded = decodeWatcherEntry(entry(encodeWatcherEntry({ ...base, files: { files } })));
  assert.deepEqual("why" in decoded ? decoded : decoded.files, { files });
});

test("what does not have the form of a file is left out, and an older watcher has no files", () => {
  const decode = (rest: string) => {
    const decoded = decodeWatcherEntry(
      entry(`{"session":"7","prefixes":["/services"],"drained":{}${rest}}`),
    );
    return "why" in decoded ? decoded : decoded.files;
  };
  assert.equal(decode(""), undefined);
  assert.equal(decode(',"files":7'), undefined);
  const odd = '{"target":"/a","state":"fine","generation":-1,"digest":"x","revision":7}';
  assert.deepEqual(decode(`,"files":[null,7,{},${odd}],"more":{"in sync":-1,"constructor":2}`), {
    files: [{ target: "/a", state: "unknown", generation: 0 }],
  });
});

test("with a thousand files the entry has the ones that need attention, and counts the others", () => {
  const bad: WatcherFile = {
    ...inSync("/bad"),
    state: "out of sync",
    refused: "k".repeat(100_000),
  };
  const many = Array.from({ length: 1000 }, (_, i) => inSync(`/etc/file-${i}`));
  const files = filesWithinLimits([...many, bad]);
  assert.ok(files.files.some(({ target }) => target === "/bad"));
  const listed = files.files.length;
  assert.deepEqual(files.more, { "in sync": 1001 - listed });
  const long = Array.from({ length: 100 }, (_, i) => inSync(`/${"é".repeat(2000)}${i}`));
  for (const some of [files, filesWithinLimits(long)]) {
    assert.ok(Buffer.byteLength(encodeWatcherEntry({ ...base, files: some })) < 16_000);
  }
});
