import assert from "node:assert/strict";
import { test } from "node:test";
import { readRegistrator } from "../../../../lib/model/formats/registrator.ts";

const address = { IP: "10.0.0.1", PublicPort: 32768 };
const endpoint = { host: "10.0.0.1", port: 32768 };

const cases: readonly [what: string, more: object, name: unknown, labels: unknown][] = [
  ["no optional fields", {}, undefined, { tags: undefined }],
  ["null for unset fields", { Tags: null, Attrs: null }, undefined, { tags: undefined }],
  ["no tags", { Tags: [], Attrs: { a: "1" } }, undefined, { a: "1", tags: undefined }],
  ["tags", { Tags: ["v1", "udp"] }, undefined, { tags: "v1,udp" }],
  ["both", { Tags: ["v1"], Attrs: { a: "1", b: 2 } }, undefined, { a: "1", b: 2, tags: "v1" }],
  ["a container", { Name: "web", ContainerID: "4a1b" }, "4a1b", { tags: undefined }],
  ["no container", { Name: "web", ContainerID: "" }, "web", { tags: undefined }],
  ["attributes of another type", { Tags: ["v1"], Attrs: "a" }, undefined, "a"],
];

for (const [what, more, name, labels] of cases) {
  test(`${what}: the name and the labels`, () => {
    assert.deepEqual(readRegistrator({ ...address, ...more }), { ...endpoint, name, labels });
  });
}
