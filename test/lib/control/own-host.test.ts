import assert from "node:assert/strict";
import { test } from "node:test";
import { isOwnHost } from "../../../lib/control/own-host.ts";

const own = ["Node1.example.com", "status.example.com"];

for (const host of [
  undefined,
  "",
  "10.0.0.1",
  "10.0.0.1:9102",
  "[::1]:9102",
  "[fd00::1]",
  "localhost:9102",
  "sidekick",
  "web.localhost",
  "node1.local:80",
  "pod.namespace.svc.cluster.local",
  "vm.project.internal",
  "nas.home.arpa.",
  "node1.EXAMPLE.com:9102",
  "status.example.com.",
]) {
  test(`${host} is this machine`, () => assert.ok(isOwnHost(host, own)));
}

for (const host of [
  "attacker.example",
  "attacker.example:9102",
  "10.0.0.1.attacker.example",
  "127.0.0.1.nip.io",
  "localhost.attacker.example",
  "x.status.example.com",
  "localhost.com",
  "a.b:c:d",
  "[attacker.example]:80",
]) {
  test(`${host} is another`, () => assert.ok(!isOwnHost(host, own)));
}
