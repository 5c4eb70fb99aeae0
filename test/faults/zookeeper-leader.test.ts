import assert from "node:assert/strict";
import { createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { listen } from "../support/listen.ts";
import { leaderOf } from "./zookeeper-leader.ts";

/** The answer of a member to `srvr`: the id of the last transaction and the mode. */
type Answer = readonly [zxid: string, mode: string] | "nothing" | "not serving";

const cases: readonly (readonly [
  what: string,
  answers: readonly Answer[],
  leader: number | undefined,
])[] = [
  ["a single member", [["5", "standalone"]], 0],
  [
    "a leader and two followers",
    [
      ["100000007", "follower"],
      ["100000007", "leader"],
      ["100000006", "follower"],
    ],
    1,
  ],
  [
    "a leader and one follower are a majority",
    ["nothing", ["100000007", "leader"], ["100000006", "follower"]],
    1,
  ],
  [
    "a former leader still reports that it leads",
    [
      ["1000000ff", "leader"],
      ["200000001", "leader"],
      ["1000000fe", "follower"],
    ],
    1,
  ],
  [
    "a former leader is listed after the new one",
    [["200000001", "leader"], ["1000000ff", "leader"], "not serving"],
    0,
  ],
  [
    "a leader without followers does not count",
    [["100000007", "leader"], "not serving", "nothing"],
    undefined,
  ],
  [
    "there is no leader",
    [["100000007", "follower"], ["100000007", "follower"], "nothing"],
    undefined,
  ],
];

for (const [what, answers, leader] of cases) {
  test(`the leader of a ZooKeeper: ${what}`, async (t) => {
    const members = await Promise.all(answers.map((answer) => startMember(t, answer)));
    const found = await leaderOf(members).catch(() => undefined);
    assert.equal(found && members.indexOf(found), leader);
  });
}

async function startMember(t: TestContext, answer: Answer) {
  const server = createServer((peer) => {
    peer.on("error", () => {});
    if (answer !== "nothing") peer.end(textOf(answer));
    else t.after(() => peer.destroy());
  });
  return { endpoint: `127.0.0.1:${await listen(t, server)}`, awake: true };
}

function textOf(answer: Exclude<Answer, "nothing">): string {
  if (answer === "not serving")
    return "This ZooKeeper instance is not currently serving requests\n";
  const [zxid, mode] = answer;
  return `Outstanding: 0\nZxid: 0x${zxid}\nMode: ${mode}\nNode count: 8\n`;
}
