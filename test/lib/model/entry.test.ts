import assert from "node:assert/strict";
import { test } from "node:test";
import { outermost } from "../../../lib/model/entry.ts";

test("the outermost folders: each once, none within another, in the order given", () => {
  assert.deepEqual(outermost(["/a/b", "/web-2", "/web", "/a", "/web", "/web/x"]), [
    "/web-2",
    "/web",
    "/a",
  ]);
  assert.deepEqual(outermost(["/a", ""]), [""]);
});
