import assert from "node:assert/strict";
import { test } from "node:test";
import { FolderSet, outermost } from "../../../lib/model/entry.ts";

test("the outermost folders: each once, none below another, in the given order", () => {
  assert.deepEqual(outermost(["/a/b", "/web-2", "/web", "/a", "/web", "/web/x"]), [
    "/web-2",
    "/web",
    "/a",
  ]);
  assert.deepEqual(outermost(["/a", ""]), [""]);
});

test("a hidden folder belongs to no folder above it, but can be named itself", () => {
  const hidden = ["/sidekick", "/legacy/sidekick"];
  const seen = (...folders: readonly string[]) => {
    const set = new FolderSet(folders, hidden);
    const keys = [
      "/sidekick/w",
      "/sidekick-2/w",
      "/legacy/sidekick",
      "/legacy/sidekick/w",
      "/legacy/a",
    ];
    return keys.filter((key) => set.includes(key));
  };
  assert.deepEqual(seen(""), ["/sidekick-2/w", "/legacy/a"]);
  assert.deepEqual(seen("/legacy"), ["/legacy/a"]);
  assert.deepEqual(seen("/legacy/sidekick"), ["/legacy/sidekick", "/legacy/sidekick/w"]);
  assert.deepEqual(
    outermost(["", "/legacy", "/legacy/sidekick/w", "/sidekick", "/sidekick/w"], hidden),
    ["", "/legacy/sidekick/w", "/sidekick"],
  );
});
