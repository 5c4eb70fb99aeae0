import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { leaderOf } from "./zookeeper-leader.ts";

/** What somebody says who is asked `srvr`: the number of the last transaction, and what it is. */
type Says = readonly [zxid: string, mode: string] | "nothing" | "not serving";

const cases: readonly (readonly [
  what: string,
  says: readonly Says[],
  leader: number | undefined,
])[] = [
  ["it is alone", [["5", "standalone"]], 0],
  [
    "two follow",
    [
      ["100000007", "follower"],
      ["100000007", "leader"],
      ["100000006", "follower"],
    ],
    1,
  ],
  [
    "a leader and one that follows are a majority",
    ["nothing", ["100000007", "leader"], ["100000006", "follower"]],
    1,
  ],
  [
    "one believes that it still leads",
    [
      ["1000000ff", "leader"],
      ["200000001", "leader"],
      ["1000000fe", "follower"],
    ],
    1,
  ],
  [
    "it may be the first that is new",
    [["200000001", "leader"], ["1000000ff", "leader"], "not serving"],
    0,
  ],
  ["a leader alone is none", [["100000007", "leader"], "not serving", "nothing"], undefined],
  ["nobody leads", [["100000007", "follower"], ["100000007", "follower"], "nothing"], undefined],
];

for (const [what, says, leader] of cases) {
  test(`who leads: ${what}`, async (t) => {
    const members = await Promise.all(says.map((one) => startSaying(t, one)));
    const found = await leaderOf(members).catch(() => undefined);
    assert.equal(found && members.indexOf(found), leader);
  });
}

async function startSaying(t: TestContext, says: Says) {
  const server = createServer((peer) => {
    peer.on("error", () => {});
    if (says !== "nothing") peer.end(text(says));
    else t.after(() => peer.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`, awake: true };
}

function text(says: Exclude<Says, "nothing">): string {
  if (says === "not serving") return "This ZooKeeper instance is not currently serving requests\n";
  const [zxid, mode] = says;
  return `Outstanding: 0\nZxid: 0x${zxid}\nMode: ${mode}\nNode count: 8\n`;
}
