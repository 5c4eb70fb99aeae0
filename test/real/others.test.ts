import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { StatusReport } from "../../lib/status/contract.ts";
import { eventually, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { printed, startSidekick } from "./sidekick.ts";
import { startZkCli } from "./zkcli.ts";
import { startZookeeper } from "./zookeeper.ts";

const template = `{{#each services}}
{{name}}
{{#each instances}}
  {{address}} {{name}} {{weight}}{{#each labels}} {{@key}}={{this}}{{/each}}

{{/each}}
{{/each}}
`;

interface Watched {
  readonly rendered: readonly string[];
  /** The quarantined entries with the reason, in the order of their keys. */
  readonly quarantined: readonly string[];
}

/** Runs `sidekick watch` on a keyspace until the file is in sync. */
async function watched(t: TestContext, url: string): Promise<Watched> {
  const folder = await throwAwayFolder(t);
  await writeFile(join(folder, "services.hbs"), template);
  await writeFile(
    join(folder, "sidekick.yaml"),
    `keyspace: ${url}\nwatch: { templates: [{ source: services.hbs, target: services }] }\n`,
  );
  const running = startSidekick(t, ["watch", "-c", "sidekick.yaml"], { cwd: folder });
  const { watch } = await eventually("the file is in sync", async () => {
    const args = ["status", "--json", "-c", "sidekick.yaml"];
    const output = await printed(t, args, { cwd: folder });
    const report: StatusReport | undefined = output === "" ? undefined : JSON.parse(output);
    return report?.watch?.templates[0]?.state === "in sync" && report;
  });
  assert.equal(await running.stop(), 0);
  const text = await readFile(join(folder, "services"), "utf8");
  const quarantined = watch?.quarantined ?? [];
  return {
    rendered: text.split("\n").filter((line) => line !== ""),
    quarantined: quarantined.map(({ key, why }) => `${key.replace("/services/", "")}: ${why}`),
  };
}

/** The name of a node that Nerve creates with `use_path_encoding`, without the number that ZooKeeper appends. */
function encodedName(value: string): string {
  const encoded = Buffer.from(value).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
  return `base64_${encoded.length}_${encoded}_`;
}

test("entries of Nerve, Finagle and registrator in ZooKeeper are rendered; only invalid ones are quarantined", async (t) => {
  const { endpoint, url } = await startZookeeper(t);
  const cli = await startZkCli(t, endpoint);
  await cli.run("create /services");
  for (const service of ["encoded", "finagle", "nerve", "registrator"]) {
    await cli.run(`create /services/${service}`);
  }
  const nerve = async (value: string) =>
    await cli.run(`create -s -e /services/nerve/mymachine_ '${value}'`);
  await nerve(
    '{"host":"1.2.3.4","port":3000,"name":"mymachine","weight":12,"haproxy_server_options":"backup\\nlisten pwn","labels":{"az":"us-east-1a"}}',
  );
  await nerve('{"host":"1.2.3.5","port":"3000","name":"mymachine","weight":null,"labels":null}');
  await nerve('{"available":true,"host":"1.2.3.6","port":3000,"name":"go","weight":255}');
  await nerve("{oops");
  await nerve('{"host":null,"port":null}');
  await nerve('{"host":"1.2.3.7\\nlisten pwn","port":3000,"name":"mymachine"}');
  await nerve(
    '{"available":false,"unavailable_reason":"refused","host":"1.2.3.8","port":1,"weight":0}',
  );

  const value = '{"host":"10.0.0.1","port":80,"name":"i-1","labels":{"q":"???>>>"}}';
  const name = encodedName(value);
  await cli.run(`create -s -e /services/encoded/${name}`);
  await cli.run(`create -s -e /services/encoded/${name} '${value.replace("80", "81")}'`);
  await cli.run(`create -s -e /services/encoded/${name.replace(/_\d+_/, "_7_")}`);
  await cli.run("create -s -e /services/encoded/mymachine_");

  const member = async (more: string) =>
    await cli.run(
      `create -s -e /services/finagle/member_ '{"serviceEndpoint":{"host":"10.0.0.2","port":1},"additionalEndpoints":{"http":{"host":"10.0.0.2","port":2}},${more}}'`,
    );
  await member('"status":"ALIVE","shard":3');
  await member('"status":"STOPPING","shard":4');
  await cli.run(`create -s -e /services/finagle/vector_ '{"vector":[]}'`);

  const body = (more: string) =>
    `'{"Name":"registrator","IP":"10.0.0.3",${more},"PrivatePort":80,"ContainerID":"4a1b5c"}'`;
  await cli.run(
    `create -e /services/registrator/10.0.0.3:32768 ${body('"PublicPort":32768,"Tags":["v1","udp"],"Attrs":{"region":"eu"}')}`,
  );
  await cli.run(`create -e /services/registrator/10.0.0.3:0 ${body('"PublicPort":0')}`);
  await cli.run("create /services/registrator/plain 10.0.0.3:80");

  const { rendered, quarantined } = await watched(t, url);
  assert.deepEqual(rendered, [
    "encoded",
    // The data of the second entry has another port: the name goes before it.
    "  10.0.0.1:80 i-1 1 q=???>>>",
    "finagle",
    "  10.0.0.2:1 3 1 shard=3 endpoint.http=10.0.0.2:2",
    "nerve",
    "  1.2.3.4:3000 mymachine 12 az=us-east-1a",
    "  1.2.3.5:3000 mymachine 1",
    "  1.2.3.6:3000 go 255",
    "registrator",
    "  10.0.0.3:32768 4a1b5c 1 region=eu tags=v1,udp",
    "  10.0.0.3:80 plain 1",
  ]);
  const encoded = name.slice("base64_88_".length, -1);
  const [empty, address] = ["it is empty", "expected a host name or an IP address"];
  assert.deepEqual(quarantined, [
    `encoded/base64_7_${encoded}_0000000002: its name's base64 is "${encoded.slice(0, 78)}…: expected 7 characters, not 88`,
    `encoded/mymachine_0000000003: ${empty}: expected host:port, a URL or a JSON object`,
    `encoded/${name}0000000001: its address 10.0.0.1:80 is that of /services/encoded/${name}0000000000, which is served instead`,
    'finagle/member_0000000001: its status is "STOPPING": expected "ALIVE"',
    'finagle/vector_0000000002: it is "{\\"vector\\":[]}": expected one of the keys host, IP, serviceEndpoint, address, Addr',
    'nerve/mymachine_0000000003: it is "{oops": expected JSON',
    `nerve/mymachine_0000000004: its host is missing: ${address}`,
    `nerve/mymachine_0000000005: its host is "1.2.3.7\\nlisten pwn": ${address}`,
    'nerve/mymachine_0000000006: it is marked as unavailable: "refused"',
    "registrator/10.0.0.3:0: its port is 0: expected 1 to 65535",
  ]);
});

test("entries of registrator and shell scripts in etcd are rendered; only invalid ones are quarantined", async (t) => {
  const { etcdctl, url } = await startEtcd(t);
  const put = async (key: string, value: string) => await etcdctl("put", `/services/${key}`, value);
  await put("web/host-1:web.1:8080", "10.0.0.1:32768");
  await put("web/host-1:web.2:8080:udp", "[fd00::1]:32768");
  await put("web/host-2:web.1:8080", "10.0.0.1");
  await put("web/host-2:web.2:8080", ":8080");
  await put("sweetapp/10.253.156.164", "10.253.156.164:8811\n");
  await put("sweetapp/10.253.156.165", "http://10.253.156.165:8810/");
  await put("sweetapp/10.253.156.166", "10.253.156.166:8810; } server { listen 81");
  const { rendered, quarantined } = await watched(t, url);
  assert.deepEqual(rendered, [
    "sweetapp",
    "  10.253.156.164:8811 10.253.156.164 1",
    "  10.253.156.165:8810 10.253.156.165 1",
    "web",
    "  10.0.0.1:32768 host-1:web.1:8080 1",
    "  [fd00::1]:32768 host-1:web.2:8080:udp 1",
  ]);
  const expected = "expected host:port, a URL or a JSON object";
  assert.deepEqual(quarantined, [
    `sweetapp/10.253.156.166: it is "10.253.156.166:8810; } server { listen 81": ${expected}`,
    `web/host-2:web.1:8080: it is "10.0.0.1": ${expected}`,
    `web/host-2:web.2:8080: it is ":8080": ${expected}`,
  ]);
});

/** The bytes that Nerve writes for a service, and the settings of that service in sidekick. */
const nerves: Readonly<Record<string, readonly [bytes: string, settings: object]>> = {
  mymachine: [
    '{"host":"1.2.3.4","port":3000,"name":"mymachine","weight":12,"labels":{"az":"us-east-1a"}}',
    { host: "1.2.3.4", port: 3000, weight: 12, labels: { az: "us-east-1a" } },
  ],
  bench: ['{"host":"127.0.0.1","port":28100,"name":"bench"}', { host: "127.0.0.1", port: 28100 }],
  "zürich-日本": [
    '{"host":"::1","port":80,"name":"zürich-日本","weight":0,"labels":{"path":"/a/b","größe":"¼ – 😀"}}',
    { host: "::1", port: 80, weight: 0, labels: { path: "/a/b", größe: "¼ – 😀" } },
  ],
};

test("entries have the same bytes as the entries of Nerve for the same services", async (t) => {
  const { endpoint, url } = await startZookeeper(t);
  const folder = await throwAwayFolder(t);
  const services = Object.entries(nerves).map(([id, [, settings]]) => {
    return { name: "web", id, instance: id, ...settings };
  });
  await writeFile(
    join(folder, "sidekick.json"),
    JSON.stringify({ keyspace: url, presence: { services } }),
  );
  const sidekick = startSidekick(t, ["presence", "-c", "sidekick.json"], { cwd: folder });
  const cli = await startZkCli(t, endpoint);
  const shown = async (command: string): Promise<string> => {
    const printed = await cli.run(command);
    t.diagnostic(`${command}\n${printed}`);
    return printed;
  };

  const names = Object.keys(nerves).sort().join(", ");
  await eventually("all services are registered", async () => {
    return (await cli.run("ls /services/web")) === `[${names}]\n`;
  });
  await shown("ls /services/web");
  for (const [id, [bytes]] of Object.entries(nerves)) {
    const printed = await shown(`get -s /services/web/${id}`);
    assert.equal(printed.split("\n")[0], bytes);
    assert.match(printed, new RegExp(`^dataLength = ${Buffer.byteLength(bytes)}$`, "m"));
    assert.match(printed, /^ephemeralOwner = 0x[0-9a-f]{2,}$/m);
  }
  assert.equal(await sidekick.stop(), 0, sidekick.output());
  assert.equal(await shown("ls /services/web"), "[]\n");
});

test("sequential nodes have the same names as the nodes of Nerve", async (t) => {
  const { endpoint, url } = await startZookeeper(t);
  const folder = await throwAwayFolder(t);
  const [id, [bytes, settings]] = ["mymachine", nerves.mymachine ?? assert.fail()];
  const services = [{ name: "web", id, instance: id, ...settings }];
  await writeFile(
    join(folder, "sidekick.json"),
    JSON.stringify({ keyspace: { url, sequential: true }, presence: { services } }),
  );
  const sidekick = startSidekick(t, ["presence", "-c", "sidekick.json"], { cwd: folder });
  const cli = await startZkCli(t, endpoint);
  await eventually("the service is registered", async () => {
    return (await cli.run("ls /services/web")) === "[mymachine_0000000000]\n";
  });
  const printed = await cli.run("get /services/web/mymachine_0000000000");
  t.diagnostic(`get /services/web/mymachine_0000000000\n${printed}`);
  assert.equal(printed, `${bytes}\n`);
  assert.equal(await sidekick.stop(), 0, sidekick.output());
  assert.equal(await cli.run("ls /services/web"), "[]\n");
});
