import assert from "node:assert/strict";
import { test } from "node:test";
import { placesOf } from "../../../lib/presence/places.ts";

const at = { host: "10.0.0.1", port: 80 };

test("an instance is at its service's folder, or in a folder of its own", () => {
  const { keyOf, nameAt } = placesOf({
    prefix: "/services",
    services: [
      { ...at, name: "web" },
      { ...at, name: "mail", id: "i-1", path: "/nerve/mail" },
      { ...at, name: "db", path: "" },
    ],
  });
  const places = {
    "web/10.0.0.1:80": "/services/web/10.0.0.1:80",
    "mail/i-1": "/nerve/mail/i-1",
    "db/10.0.0.1:80": "/10.0.0.1:80",
    // Containers are in no list.
    "web/c": "/services/web/c",
  };
  for (const [name, key] of Object.entries(places)) {
    assert.equal(keyOf(name), key);
    assert.equal(nameAt(key), name);
  }
});

test("the form of an entry is found by its key", () => {
  const form = { isNumbered: true };
  const { formOf } = placesOf({
    prefix: "/services",
    services: [
      { ...at, name: "web", id: "a", form },
      { ...at, name: "web", id: "b" },
      { ...at, name: "mail", id: "c", path: "/m", form },
    ],
  });
  assert.deepEqual(["/services/web/a", "/services/web/b", "/m/c"].map(formOf), [
    form,
    undefined,
    form,
  ]);
});
