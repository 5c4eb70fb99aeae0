import assert from "node:assert/strict";
import { test } from "node:test";
import { element, keyed, type PageElement } from "../../../lib/page/contract.ts";
import { changes } from "../../../lib/page/difference.ts";
import { html } from "../../../lib/page/html.ts";
import { page } from "../../../lib/page/view/page.ts";
import { overviewOf, serviceOf, servingAt } from "./overviews.ts";

const hostile = `<img src=x onerror="alert('1')">`;
const escaped = "&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;";

test("no text of an overview is markup, wherever it stands", () => {
  const key = `/services/${hostile}`;
  const instance = {
    ...servingAt(1),
    name: `web/${hostile}`,
    address: hostile,
    key,
    revision: "7",
  };
  const text = html(
    page(
      overviewOf(0, {
        ...{ hostName: hostile, keyspace: hostile, commands: [hostile] },
        verdict: { state: "degraded", sentence: hostile, meanwhile: hostile },
        reasons: [{ kind: "quarantined", message: hostile, meanwhile: hostile, advice: hostile }],
        services: [
          serviceOf([instance, { ...servingAt(2), state: "unhealthy", why: hostile }]),
          { ...serviceOf([]), name: hostile },
        ],
        files: [{ target: hostile, state: "failing", since: hostile, why: hostile }],
        changes: [
          {
            ...{ n: 7, at: hostile, group: hostile, how: "refused", detail: hostile, files: [] },
            ...{ revision: hostile, stages: { began: 0, ended: 4 } },
            cause: {
              keys: [{ key, op: "put", revision: "7", before: hostile, after: hostile }],
              ...{ more: 0, reasons: [] },
            },
            refused: { code: "X", message: hostile, keys: [key] },
            quarantined: [{ key, revision: "7", why: hostile }],
          },
        ],
        watchers: [
          {
            ...{ id: hostile, isSelf: false, prefixes: [hostile] },
            files: [{ target: hostile, state: "failing", generation: 1, refused: hostile }],
          },
        ],
      }),
    ),
  );
  assert.ok(!text.includes("<img"));
  assert.ok(text.split(escaped).length > 20);
  assert.ok(!/ on\w+="/.test(text));
});

test("characters that reorder text are shown as their escapes", () => {
  assert.equal(html(element("p", {}, "a\u202eb")), "<p>a\\u202eb</p>");
});

test("a page without a change has no difference but that all is kept", () => {
  assert.deepEqual(changes(page(overviewOf(20)), page(overviewOf(20))), [[0, 3]]);
});

test("one of 5000 instances that changes costs its row, not the others", () => {
  const all = Array.from({ length: 5000 }, (_, i) => servingAt(i));
  const before = page(overviewOf(5000));
  const after = page(
    overviewOf(0, {
      services: [serviceOf(all.map((one, i) => (i === 77 ? { ...one, weight: 5 } : one)))],
    }),
  );
  assert.ok(JSON.stringify(changes(before, after)).length < 1000);
});

test("the difference of random lists of rows makes the one of the other", () => {
  let seed = 7;
  const below = (limit: number) => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * limit);
  };
  const list = () => {
    const keys = Array.from({ length: below(9) }, () => String(below(12)));
    const rows = keys.map((key) =>
      keyed(key, element("li", {}, key, element("b", {}, `${below(2)}`))),
    );
    return element("ul", {}, rows);
  };
  for (let i = 0; i < 2000; i += 1) {
    const [before, after] = [list(), list()];
    assert.equal(applied(before, after), html(...after.parts));
  }
});

/** As a browser applies a difference. */
function applied(before: PageElement, after: PageElement): string {
  const kept = new Set<number>();
  const use = (at: number) => {
    assert.ok(!kept.has(at), "a child is used twice");
    kept.add(at);
    return before.parts[at] ?? "";
  };
  return changes(before, after)
    .map((change, i) => {
      if (!Array.isArray(change)) return html(...partsFrom(after, i, changes(before, after)));
      const [from, second] = change as readonly [number, unknown];
      if (change.length === 3) {
        use(from);
        return html(...partsFrom(after, i, changes(before, after)));
      }
      return Array.from({ length: Number(second) }, (_, k) => html(use(from + k))).join("");
    })
    .join("");
}

/** The part of `after` that the change `at` makes. */
function partsFrom({ parts }: PageElement, at: number, all: ReturnType<typeof changes>) {
  const lengthOf = (one: (typeof all)[number]) =>
    Array.isArray(one) && one.length === 2 ? Number(one[1]) : 1;
  const start = all.slice(0, at).reduce((sum, one) => sum + lengthOf(one), 0);
  return parts.slice(start, start + 1);
}
