import assert from "node:assert/strict";
import { test } from "node:test";
import { readSolr } from "../../../../lib/model/formats/solr.ts";

test("the name of a live node of Solr has its address", () => {
  assert.deepEqual(readSolr("10.0.0.1:8983_solr"), { host: "10.0.0.1", port: "8983" });
  assert.deepEqual(readSolr("[::1]:8983_solr"), { host: "::1", port: "8983" });
  assert.deepEqual(readSolr("my_host:8983_solr"), { host: "my_host", port: "8983" });
});

test("no other name of an empty entry is that of a live node", () => {
  // A script may create sequential nodes without data: they are no instances.
  for (const id of ["10.0.0.1:8983", "10.0.0.1:8983_0000000001", "10.0.0.1_solr", "web_solr"]) {
    assert.equal(readSolr(id), undefined, id);
  }
});
