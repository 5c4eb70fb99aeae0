import assert from "node:assert/strict";
import { test } from "node:test";
import { outermost } from "../../../lib/model/entry.ts";

test("the outermost folders: each once, none below another, in the given order", () => {
  assert.deepEqual(outermost(["/a/b", "/web-2", "/web", "/a", "/web", "/web/x"]), [
    "/web-2",
    "/web",
    "/a",
  ]);
  assert.deepEqual(outermost(["/a", ""]), [""]);
});
