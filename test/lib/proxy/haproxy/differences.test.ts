import assert from "node:assert/strict";
import { test } from "node:test";
import { differences } from "../../../../lib/proxy/haproxy/differences.ts";
import { readServer } from "../../../../lib/proxy/haproxy/server-line.ts";
import { parseServersState } from "../../../../lib/proxy/haproxy/servers-state.ts";

/** The heading of haproxy 2.6. */
const heading =
  "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port";

/** A row for server a; `admin` is the bit mask of the reasons for its maintenance. */
function row({ at = "10.0.0.1", weight = 1, admin = 0, check = 6 }): string {
  return `3 web 1 a ${at} 2 ${admin} ${weight} 1 28 8 2 0 ${check} 0 0 0 - 80 - 0 0 - - 0`;
}

function running(...rows: readonly string[]) {
  const found = parseServersState(["1", heading, ...rows].join("\n"));
  assert.ok(found);
  return new Map([["web", found]]);
}

function desired(...servers: readonly string[]) {
  const read = servers.map((line) => {
    const [name = "", ...words] = line.split(" ");
    const server = readServer(words, []);
    assert.ok(server);
    return [name, server] as const;
  });
  return new Map([["web", new Map(read)]]);
}

const noDifferences = { add: [], update: [], disable: [], toDelete: [], conflicts: [] };
const a = "a 10.0.0.1:80 check";
const settingsOf = () => "10.0.0.1:80 check";
const update = (...commands: string[]) => ({
  ...noDifferences,
  update: [{ server: "web/a", commands }],
});

const cases: readonly (readonly [string, string, Parameters<typeof row>[0], unknown])[] = [
  ["as desired", a, {}, noDifferences],
  ["of another weight", `${a} weight 7`, {}, update("set server web/a weight 7")],
  ["in maintenance", a, { admin: 1 }, update("set server web/a state ready")],
  ["disabled in the previous file", a, { admin: 5 }, update("set server web/a state ready")],
  ["enabled by hand", a, { admin: 4 }, noDifferences],
  ["draining", a, { admin: 8 }, update("set server web/a state ready")],
  ["disabled, as desired", `${a} disabled`, { admin: 5 }, noDifferences],
  [
    "enabled, though desired as disabled",
    `${a} disabled`,
    {},
    update("set server web/a state maint"),
  ],
  ["unchecked", a, { check: 2 }, update("enable health web/a")],
  [
    "moved to another address",
    a,
    { at: "10.0.0.9" },
    { ...noDifferences, conflicts: ["web/a was moved to 10.0.0.9:80"] },
  ],
];

for (const [words, line, now, expected] of cases) {
  test(`a server that is ${words}`, () => {
    assert.deepEqual(differences(desired(line), running(row(now)), settingsOf), expected);
  });
}

test("a server that is missing or has other settings is added with all its options", () => {
  const addition = [
    "add server web/a 10.0.0.1:80 check weight 1",
    "enable health web/a",
    "set server web/a state ready",
  ];
  const add = (commands: string[]) => ({ ...noDifferences, add: [{ server: "web/a", commands }] });
  assert.deepEqual(differences(desired(a), running(), settingsOf), add(addition));
  const first = ["set server web/a state maint", "del server web/a"];
  const found = differences(desired(a), running(row({})), () => undefined);
  assert.deepEqual(found, add([...first, ...addition]));
});

test("a server that is not desired is disabled once, and deleted later", () => {
  const disable = [{ server: "web/a", commands: ["set server web/a state maint"] }];
  const found = differences(desired(), running(row({})), settingsOf);
  assert.deepEqual(found, { ...noDifferences, disable, toDelete: ["web/a"] });
  const again = differences(desired(), running(row({ admin: 1 })), settingsOf);
  assert.deepEqual(again, { ...noDifferences, toDelete: ["web/a"] });
});

test("other pools are left alone, and so is the address that haproxy resolved a host name to", () => {
  assert.deepEqual(differences(new Map(), running(row({})), settingsOf), noDifferences);
  const named = "localhost:80 check";
  assert.deepEqual(
    differences(desired(`a ${named}`), running(row({})), () => named),
    noDifferences,
  );
});

test("an answer that is no server state is not parsed as one", () => {
  assert.equal(parseServersState("Permission denied"), undefined);
  assert.equal(parseServersState(""), undefined);
});
