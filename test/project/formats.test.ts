import assert from "node:assert/strict";
import { test } from "node:test";
import { instanceOf, serviceSchema } from "../../lib/discover/static.ts";
import { decode } from "../../lib/model/decode.ts";
import { encode } from "../../lib/model/encode.ts";
import { read } from "../support/sources.ts";
import { tableIn } from "../support/tables.ts";

const page = (await read("docs/formats.md")).get("docs/formats.md") ?? "";

const table = (...header: readonly string[]) => tableIn(page, ...header);

function decoded(id = "", value = ""): ReturnType<typeof decode> {
  return decode({ service: "web", id }, { key: `/services/web/${id}`, value, revision: "1" });
}

for (const [id, value, expectation = ""] of table("entry", "value", "is read as")) {
  test(`docs/formats.md: ${id} with ${value || "nothing"} is read as documented`, () => {
    const found = decoded(id, value);
    assert.ok("endpoint" in found, JSON.stringify(found));
    const shown = JSON.parse(JSON.stringify(found.endpoint));
    for (const [name, expected] of Object.entries(JSON.parse(expectation))) {
      assert.deepEqual(shown[name], expected, name);
    }
  });
}

for (const [id, value, why] of table("entry", "value", "why it is quarantined")) {
  test(`docs/formats.md: ${id} with ${value || "nothing"} is quarantined for this reason`, () => {
    assert.deepEqual(decoded(id, value), { why });
  });
}

for (const [settings = "", value] of table("settings", "value")) {
  test(`docs/formats.md: ${settings} is written as documented`, () => {
    const service = serviceSchema.parse({ name: "web", ...JSON.parse(settings) });
    assert.equal(encode(instanceOf(service), "json"), value);
  });
}
