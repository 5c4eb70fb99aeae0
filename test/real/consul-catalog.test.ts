import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startConsul } from "../stand-in/consul.ts";
import { eventually, outputOf, throwAwayFolder } from "../support/process.ts";
import { startSidekick } from "./sidekick.ts";

/** What a client of others finds of a service: the address of each instance that passes its checks, sorted. */
const findPassing = `
import sys, consul
_, found = consul.Consul(port=int(sys.argv[1])).health.service("web", passing=True)
for one in sorted(found, key=lambda one: one["Service"]["Port"]):
    print("%s:%d %s %s" % (one["Service"]["Address"] or one["Node"]["Address"], one["Service"]["Port"], ",".join(one["Service"]["Tags"]), one["Service"]["Meta"].get("zone", "")))
`;

test("a watcher renders the services of Consul that its templates name, as python3-consul finds them, and asks for no others", async (t) => {
  const folder = await throwAwayFolder(t);
  const standIn = await startConsul(t);
  const { consul, port, address, requests } = standIn;
  const register = (id: string, name: string, number: number, more: object = {}) =>
    consul.catalog.register({ ID: id, Name: name, Port: number, ...more });
  for (let i = 0; i < 1000; i += 1) register(`s${i}`, `s${i}`, 10_000 + i);
  const check = (status: string) => ({ Check: { TTL: "1h", Status: status } });
  register("web", "web", 80, { Tags: ["a", "b"], Meta: { zone: "z1" }, ...check("passing") });
  register("web-2", "web", 81, { Address: "10.0.0.2", Weights: { Passing: 7, Warning: 2 } });
  register("web-3", "web", 82, check("critical"));
  register("web-4", "web", 83, check("passing"));
  const names = ["web", ...Array.from({ length: 9 }, (_, i) => `s${i}`)];
  const template = names.map(
    (name) =>
      `{{#each (instances "${name}")}}{{address}} {{labels.tags}} {{labels.zone}}|{{weight}} {{name}}\n{{/each}}`,
  );
  await writeFile(join(folder, "web.hbs"), template.join(""));
  const target = join(folder, "web.txt");
  await writeFile(
    join(folder, "watch.yaml"),
    [
      'keyspace: "memory:"',
      `mounts: { /services: "consul-catalog://${address}" }`,
      "watch:",
      "  services: /services",
      `  templates: [{ source: web.hbs, target: ${target}, prefixes: [${names.map((name) => `/services/${name}`).join(", ")}] }]`,
    ].join("\n"),
  );
  const watching = startSidekick(t, ["watch", "-c", "watch.yaml"], { cwd: folder });
  const lines = async () =>
    (await readFile(target, "utf8").catch(() => "")).split("\n").slice(0, -1);
  const web = async () => (await lines()).filter((line) => !/:1000\d /.test(line));
  await eventually("the file has the services", async () => (await lines()).length === 12);
  assert.deepEqual(await web(), [
    "127.0.0.1:80 a,b z1|1 node-1",
    "10.0.0.2:81  |7 node-1",
    "127.0.0.1:83  |1 node-1",
  ]);
  const asked = new Set(requests.map((one) => one.split("?")[0]));
  assert.equal(asked.size, 10, [...asked].join("\n"));
  await eventually("one query waits for each service", () => standIn.pending() === 10);

  // Equal to what a client of others finds, after each change.
  const agree = async (what: string) =>
    await eventually(what, async () => {
      const theirs = await outputOf(["/usr/bin/python3", "-c", findPassing, String(port)]);
      const ours = (await web())
        .filter((line) => !line.includes("|0"))
        .map((line) => line.split("|")[0]);
      return theirs.split("\n").filter(Boolean).sort().join("\n") === ours.sort().join("\n");
    });
  await agree("the same");
  consul.catalog.maintain("web-4", true, "deploy");
  await eventually("it drains", async () => (await web()).includes("127.0.0.1:83  |0 node-1"));
  await agree("the same without one in maintenance");
  consul.catalog.update("service:web-3", "passing", "");
  consul.catalog.deregister("web-2");
  await agree("the same after a change");

  consul.loseLeader();
  await eventually("the fault is logged", () => watching.stderr().includes("No cluster leader"));
  assert.equal((await web()).length, 3);
  consul.electLeader();
  register("web-5", "web", 84);
  await eventually("it goes on", async () => (await web()).length === 4);
});
