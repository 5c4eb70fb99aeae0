import assert from "node:assert/strict";
import { test } from "node:test";
import type { WatcherFile } from "../../../lib/model/watcher-file.ts";
import { fileStates } from "../../../lib/model/watcher-file.ts";
import { compareFleet } from "../../../lib/overview/compare-fleet.ts";
import type { FleetWatcher } from "../../../lib/overview/contract.ts";
import type { Fleet } from "../../../lib/overview/fleet-contract.ts";
import { formatFleet } from "../../../lib/overview/format-fleet.ts";
import { oneOf, seeded } from "../../support/random.ts";

const [a, b, c] = ["aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"] as const;

/** A file with this text, verified at this revision. */
function file(digest: string, revision: string, more: Partial<WatcherFile> = {}): WatcherFile {
  return { target: "/etc/web", state: "in sync", generation: 1, revision, digest, ...more };
}

function watcher(id: string, ...files: readonly WatcherFile[]): FleetWatcher {
  return { id, isSelf: false, prefixes: ["/services"], files };
}

function fleetOf(watchers: readonly FleetWatcher[], ignored: Fleet["ignored"] = []): Fleet {
  return { keyspace: "etcd://a:2379", ...compareFleet(watchers), watchers, ignored };
}

/** `watcher kind` of each finding, the worst first. */
function found(...watchers: readonly FleetWatcher[]): readonly string[] {
  return compareFleet(watchers).findings.map(({ watcher: id, kind }) => `${id} ${kind}`);
}

test("a text that at least two watchers have is that of the others: at its revision they disagree, before it they lag", () => {
  const shared = [watcher("one", file(a, "9")), watcher("two", file(a, "8"))];
  assert.deepEqual(found(...shared), []);
  assert.deepEqual(found(...shared, watcher("three", file(b, "9"))), ["three disagreeing"]);
  assert.deepEqual(found(...shared, watcher("three", file(b, "7"))), ["three lagging"]);
  const ahead = compareFleet([...shared, watcher("three", file(b, "10"))]);
  assert.deepEqual(
    [ahead.findings, ahead.isAgreed],
    [[], true],
    "the others may write theirs soon",
  );
  const unordered = [watcher("one", file(a, "x")), watcher("two", file(a, "y"))];
  assert.deepEqual(found(...unordered, watcher("three", file(b, "z"))), []);
});

test("the newest common text counts, then the one that most have; where as many have another one, none is right", () => {
  const old = [1, 2, 3].map((n) => watcher(`old ${n}`, file(a, "7")));
  const latest = [1, 2].map((n) => watcher(`new ${n}`, file(b, "9")));
  const behind = ["old 1 lagging", "old 2 lagging", "old 3 lagging"];
  assert.deepEqual(found(...old, ...latest), behind);
  const rest = [1, 2].map((n) => watcher(`rest ${n}`, file(c, "7")));
  assert.deepEqual(found(...old, ...rest), ["rest 1 disagreeing", "rest 2 disagreeing"]);
  assert.equal(found(...old.slice(1), ...rest).length, 4);
});

test("two watchers alone are never accused; different texts at the same revision are a note", () => {
  const { findings, notes, isAgreed } = compareFleet([
    watcher("one", file(a, "9")),
    watcher("two", file(b, "9")),
  ]);
  assert.deepEqual([findings, isAgreed], [[], true]);
  assert.deepEqual(notes, ["2 watchers have different texts of /etc/web at revision 9"]);
  const apart = compareFleet([watcher("one", file(a, "9")), watcher("two", file(b, "8"))]);
  assert.deepEqual([apart.findings, apart.notes], [[], []]);
});

test("files at other paths, or from other folders, are not compared", () => {
  const shared = [watcher("one", file(a, "9")), watcher("two", file(a, "9"))];
  const other = { ...watcher("three", file(b, "9")), prefixes: ["/other"] };
  assert.deepEqual(found(...shared, other), []);
  const elsewhere = watcher("three", file(b, "9", { target: "/etc/other" }));
  assert.deepEqual(found(...shared, elsewhere), []);
});

test("a fleet of equal texts has no finding and no note, whatever the revisions are; one without watchers does not agree", () => {
  const random = seeded(7);
  for (let n = 1; n <= 20; n += 1) {
    const revisions = Array.from({ length: n }, () => String(Math.floor(random() * 5)));
    const all = revisions.map((revision, i) => watcher(`w${i}`, file(a, revision)));
    assert.deepEqual(compareFleet(all), { isAgreed: true, findings: [], notes: [] });
  }
  assert.equal(compareFleet([]).isAgreed, false);
});

test("the order of the watchers does not matter", () => {
  const random = seeded(11);
  const some = (): WatcherFile =>
    file(oneOf([a, b, c], random), oneOf(["7", "8", "9", "x", "y"], random), {
      target: oneOf(["/etc/web", "/etc/api"], random),
      state: oneOf(["in sync", ...fileStates], random),
      ...(random() < 0.2 && { refused: "/services/web/a@9" }),
    });
  for (let round = 0; round < 300; round += 1) {
    const all = Array.from({ length: 1 + Math.floor(random() * 7) }, (_, i) =>
      random() < 0.1 ? watcher(`w${i}`) : watcher(`w${i}`, some()),
    );
    const shuffled = all
      .map((one) => ({ one, at: random() }))
      .toSorted((x, y) => x.at - y.at)
      .map(({ one }) => one);
    assert.deepEqual(compareFleet(shuffled), compareFleet(all));
  }
});

test("the lines begin with a sentence on the fleet, and have the worst files first", () => {
  const watchers = [
    watcher("a.1.x", file(a, "9")),
    watcher("b.1.x", file(a, "9", { refused: "/services/web/bad@9" })),
    watcher("c.1.x", file(b, "7", { state: "proxy down", generation: 12 })),
    watcher("d.1.x"),
    { ...watcher("e.1.x", file(a, "9")), more: { "in sync": 2 } },
  ];
  const ignored = [{ key: "/sidekick/watchers/f", why: "no session keeps it" }];
  assert.equal(
    formatFleet(fleetOf(watchers, ignored)).join("\n"),
    `5 watchers: c.1.x has a proxy that is down; b.1.x refuses an entry; d.1.x is of an older version
WATCHER  STATE       FILE      GEN  REVISION  TEXT          WHY
c.1.x    proxy down  /etc/web  12   7         bbbbbbbbbbbb  its proxy is down; has the text of revision 7, 2 before 9
b.1.x    in sync     /etc/web  1    9         aaaaaaaaaaaa  refuses /services/web/bad@9
d.1.x    unknown     -         -    -         -             its entry does not have the state of files
a.1.x    in sync     /etc/web  1    9         aaaaaaaaaaaa
e.1.x    in sync     /etc/web  1    9         aaaaaaaaaaaa
e.1.x    in sync     2 more    -    -         -
1 entry is ignored: /sidekick/watchers/f: no session keeps it`,
  );
  const [first] = formatFleet(fleetOf(watchers.slice(0, 1)));
  assert.equal(first, "1 watcher: all its files are in sync");
  const lagging = [1, 2, 3, 4, 5].map((n) => watcher(`w${n}`, file(b, String(n))));
  const newest = [watcher("x", file(a, "9")), watcher("y", file(a, "9"))];
  const [many] = formatFleet(fleetOf([...newest, ...lagging]));
  assert.equal(many, "7 watchers: w1, w2, w3 and 2 more lag");
  assert.deepEqual(formatFleet(fleetOf([])), ["no watcher has an entry in etcd://a:2379"]);
});
