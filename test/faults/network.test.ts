import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { describe, type TestContext, test } from "node:test";
import { eventually, type Running, start } from "../support/process.ts";
import { createNetwork, type Host } from "./network.ts";
import { reach } from "./reach.ts";

describe("a network for the fault suite", { concurrency: true }, () => {
  test("hosts reach each other and the machine until they are cut off", async (t) => {
    const network = await createNetwork(t);
    const [one, two, three] = await Promise.all(["one", "two", "three"].map(network.host));
    assert.ok(one && two && three);
    const peers = [startPeer(t, one, two), startPeer(t, two, one)];
    startPeer(t, three, three);
    const reached = async () => {
      const answers = [reach(one, port(two)), reach(two, port(one)), reach(one, port(three))];
      return (await Promise.all(answers)).join(" ");
    };
    const received = () => peers.map((peer) => peer.output().length);
    const whole = async (before: readonly number[]) => {
      const all = async () => (await reached()) === "connected connected connected";
      await eventually("they reach each other", all);
      await eventually("they receive packets", () =>
        received().every((now, i) => now > (before[i] ?? 0)),
      );
    };
    await whole([0, 0]);
    assert.equal(await reach(one, `${two.address}:7001`), "ECONNREFUSED");

    await one.cutOff([two]);
    await eventually(
      "only they are cut off",
      async () => (await reached()) === "silent silent connected",
    );
    const before = received();
    assert.equal(await reach(one, port(two)), "silent");
    assert.deepEqual(received(), before);

    await one.restore();
    await whole(before);
  });

  test("several networks can be created at the same time, and are isolated from each other", async (t) => {
    const networks = await Promise.all(Array.from({ length: 5 }, () => createNetwork(t)));
    const hosts = await Promise.all(networks.map((network) => network.host("same")));
    assert.equal(new Set(hosts.map(({ address }) => address)).size, 5);
    const [one, two] = hosts;
    assert.ok(one && two);
    startPeer(t, two, one);
    await eventually("the peer listens", async () => (await reach(two, port(two))) === "connected");
    assert.equal(await reach(one, port(two)), "ENETUNREACH");
  });

  test("the network of a killed process is removed when the next one is created", async (t) => {
    const child = start(t, [process.execPath, "--input-type=module", "-e", abandoning]);
    await eventually("it has a network", () => child.output().includes("created"));
    const left = async () =>
      (await readdir("/run/netns")).filter((name) => name.startsWith(`sidekick-${child.pid}-`));
    assert.equal((await left()).length, 2);
    await child.stop("SIGKILL");
    await createNetwork(t);
    assert.deepEqual(await left(), []);
  });
});

const abandoning = `
import { spawn } from "node:child_process";
import { createNetwork } from "${new URL("network.ts", import.meta.url)}";
const host = await (await createNetwork({ after() {} })).host("one");
const [file, ...args] = host.on(["sleep", "1000"]);
spawn(file, args, { detached: true, stdio: "ignore" });
console.log("created");
`;

function port({ address }: Host): string {
  return `${address}:7000`;
}

const peer = `
const [own, other] = process.argv.slice(1);
require("node:net").createServer().listen(7000, own);
const socket = require("node:dgram").createSocket("udp4").bind(7000, own);
socket.on("message", () => process.stdout.write("x"));
setInterval(() => socket.send("x", 7000, other, () => {}), 10);
`;

/** Listens on port 7000, sends packets to another host, and prints one letter for each received packet. */
function startPeer(t: TestContext, host: Host, to: Host): Running {
  return start(t, host.on([process.execPath, "-e", peer, host.address, to.address]));
}
