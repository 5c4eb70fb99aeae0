import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Configuration,
  readConfiguration,
} from "../../../../lib/proxy/haproxy/configuration.ts";
import { plan } from "../../../../lib/proxy/haproxy/plan.ts";
import { sameEnds } from "../../../../lib/proxy/haproxy/same-ends.ts";

/** Random numbers in [0, 1), the same in each run. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

const lines = [
  ...["global", "defaults", "defaults base", "defaults other from base", "frontend f", "peers p"],
  ...["backend web", "backend api", "backend api from base", "backend x from none", "listen l"],
  ...["# backend c", "backend#c", "", "  mode   http", "  retries 3", "  balance roundrobin # x"],
  ...["  server a 10.0.0.1:80 check", "  server b 10.0.0.2:80 weight 3", "\tserver c 10.0.0.3:80"],
  ...["  server a 10.0.0.9:80", '  server d "10.0.0.4":80', "  server e 10.0.0.5:80 agent-check"],
  ...["  server-template t 1-3 10.0.0.6:80", "  cookie S", "  default-server inter 1s"],
  ...['  default-server inter "2s"', "  default-server weight 5 from x"],
];
const rareLines = [".if defined(X)", "  .endif"];
const anyCharacters = ["\n", "", "x", "b", " ", "#", "\\"];

/** A text with some lines replaced, and sometimes a character anywhere. */
function edited(text: string, random: () => number): string {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const all = text.split("\n");
  const added = Array.from({ length: Math.floor(random() * 3) }, () =>
    pick(random() < 0.02 ? rareLines : lines),
  );
  all.splice(Math.floor(random() * (all.length + 1)), Math.floor(random() * 3), ...added);
  const joined = all.join("\n");
  if (random() > 0.1) return joined;
  const at = Math.floor(random() * joined.length);
  return joined.slice(0, at) + pick(anyCharacters) + joined.slice(at + Math.floor(random() * 2));
}

test("reading what has changed gives the same as reading the whole text, for random edits", () => {
  const random = chance(1);
  let known: Configuration | undefined;
  let text = "";
  let kept = 0;
  for (let round = 0; round < 3000; round += 1) {
    if (round % 20 === 0) text = edited("global\n", random);
    for (let more = round % 20 === 0 ? 15 : 1; more > 0; more -= 1) text = edited(text, random);
    const read = readConfiguration(text, known);
    assert.deepEqual(read, readConfiguration(text), JSON.stringify([known?.text, text]));
    kept += read.sections.filter((one) => known?.sections.includes(one)).length;
    known = read;
  }
  assert.ok(kept > 3000, `${kept} sections were not read again`);
});

const pool = (i: number, servers: number) =>
  `backend pool-${i}\n${Array.from({ length: servers }, (_, at) => `  server s${at} 10.0.${i}.${at}:80 check\n`).join("")}`;
const pools = (count: number) => Array.from({ length: count }, (_, i) => pool(i, 10));
const head = "global\n  maxconn 100\ndefaults\n  default-server inter 1s\n";

test("of a change in one section, the others stay the same objects, and so do the other lines of it", () => {
  const before = readConfiguration([head, ...pools(50)].join(""));
  const after = readConfiguration(before.text.replace("10.0.20.3:80", "10.0.20.3:81"), before);
  const differing = [...after.pools].filter(
    ([name, servers]) => before.pools.get(name) !== servers,
  );
  assert.deepEqual(
    differing.map(([name]) => name),
    ["pool-20"],
  );
  const servers = differing.flatMap(([, all]) => [...all]);
  const read = servers.filter(([name, one]) => before.pools.get("pool-20")?.get(name) !== one);
  assert.deepEqual(
    read.map(([name]) => name),
    ["s3"],
  );
});

test("a change of defaults is read in all sections below them", () => {
  const before = readConfiguration([head, ...pools(3)].join(""));
  const after = readConfiguration(before.text.replace("inter 1s", "inter 2s"), before);
  const settings = [...after.pools.values()].map((all) => all.get("s0")?.settings);
  assert.deepEqual(
    settings,
    [0, 1, 2].map((i) => `10.0.${i}.0:80 inter 2s check`),
  );
});

test("the pools touched are the ones in which servers differ", () => {
  const loaded = [head, ...pools(5)].join("");
  const desired = loaded
    .replace("server s1 10.0.1.1:80", "server s1 10.0.1.1:80 weight 7")
    .replace("  server s2 10.0.3.2:80 check\n", "");
  const planned = plan({ files: [{ target: "x", loaded, desired }] }, (text, before) =>
    readConfiguration(text, before),
  );
  assert.equal(planned.kind, "adjust");
  assert.deepEqual([...planned.touched.keys()], ["pool-1", "pool-3"]);
  assert.deepEqual(planned.changed, ["pool-1/s1", "pool-3/s2"]);
});

test("texts have their longest beginning and end in common", () => {
  const random = chance(7);
  for (let round = 0; round < 500; round += 1) {
    const letters = () =>
      Array.from({ length: Math.floor(random() * 12) }, () => (random() < 0.7 ? "a" : "b")).join(
        "",
      );
    const [a, b] = [letters(), letters()];
    const { head, tail } = sameEnds(a, b);
    assert.equal(a.slice(0, head), b.slice(0, head));
    assert.ok(head === Math.min(a.length, b.length) || a[head] !== b[head]);
    assert.equal(a.slice(a.length - tail), b.slice(b.length - tail));
    const rest = Math.min(a.length, b.length) - head;
    assert.ok(tail === rest || a.at(-tail - 1) !== b.at(-tail - 1));
  }
});
