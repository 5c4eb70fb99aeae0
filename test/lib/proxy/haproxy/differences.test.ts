import assert from "node:assert/strict";
import { test } from "node:test";
import { differences } from "../../../../lib/proxy/haproxy/differences.ts";
import { readServer } from "../../../../lib/proxy/haproxy/server-line.ts";
import { parseServersState } from "../../../../lib/proxy/haproxy/servers-state.ts";

/** As haproxy 2.6 writes it. */
const heading =
  "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port";

/** A row for server a; `admin` are the bits of who took it out. */
function row({ at = "10.0.0.1", weight = 1, admin = 0, check = 6 }): string {
  return `3 web 1 a ${at} 2 ${admin} ${weight} 1 28 8 2 0 ${check} 0 0 0 - 80 - 0 0 - - 0`;
}

function running(...rows: readonly string[]) {
  const found = parseServersState(["1", heading, ...rows].join("\n"));
  assert.ok(found);
  return new Map([["web", found]]);
}

function wanted(...servers: readonly string[]) {
  const read = servers.map((line) => {
    const [name = "", ...words] = line.split(" ");
    const server = readServer(words, []);
    assert.ok(server);
    return [name, server] as const;
  });
  return new Map([["web", new Map(read)]]);
}

const none = { add: [], set: [], drop: [], leftovers: [], beyond: [] };
const a = "a 10.0.0.1:80 check";
const madeWith = () => "10.0.0.1:80 check";
const set = (...commands: string[]) => ({ ...none, set: [{ server: "web/a", commands }] });

const cases: readonly (readonly [string, string, Parameters<typeof row>[0], unknown])[] = [
  ["as it should be", a, {}, none],
  ["lighter", `${a} weight 7`, {}, set("set server web/a weight 7")],
  ["taken out", a, { admin: 1 }, set("set server web/a state ready")],
  ["taken out in the file before", a, { admin: 5 }, set("set server web/a state ready")],
  ["put back by hand", a, { admin: 4 }, none],
  ["draining", a, { admin: 8 }, set("set server web/a state ready")],
  ["taken out, as it should be", `${a} disabled`, { admin: 5 }, none],
  ["in, though it should not be", `${a} disabled`, {}, set("set server web/a state maint")],
  ["unchecked", a, { check: 2 }, set("enable health web/a")],
  ["elsewhere", a, { at: "10.0.0.9" }, { ...none, beyond: ["web/a was moved to 10.0.0.9:80"] }],
];

for (const [words, line, now, expected] of cases) {
  test(`a server that is ${words}`, () => {
    assert.deepEqual(differences(wanted(line), running(row(now)), madeWith), expected);
  });
}

test("a server that is missing, or was made with something else, is added with all that it needs", () => {
  const adding = [
    "add server web/a 10.0.0.1:80 check weight 1",
    "enable health web/a",
    "set server web/a state ready",
  ];
  const add = (commands: string[]) => ({ ...none, add: [{ server: "web/a", commands }] });
  assert.deepEqual(differences(wanted(a), running(), madeWith), add(adding));
  const first = ["set server web/a state maint", "del server web/a"];
  const found = differences(wanted(a), running(row({})), () => undefined);
  assert.deepEqual(found, add([...first, ...adding]));
});

test("a server that should not be there is taken out once, and left to be deleted", () => {
  const drop = [{ server: "web/a", commands: ["set server web/a state maint"] }];
  const found = differences(wanted(), running(row({})), madeWith);
  assert.deepEqual(found, { ...none, drop, leftovers: ["web/a"] });
  const again = differences(wanted(), running(row({ admin: 1 })), madeWith);
  assert.deepEqual(again, { ...none, leftovers: ["web/a"] });
});

test("other pools are nobody's business, and the address of a host name is haproxy's", () => {
  assert.deepEqual(differences(new Map(), running(row({})), madeWith), none);
  const named = "localhost:80 check";
  assert.deepEqual(
    differences(wanted(`a ${named}`), running(row({})), () => named),
    none,
  );
});

test("what is no state of servers is not taken for one", () => {
  assert.equal(parseServersState("Permission denied"), undefined);
  assert.equal(parseServersState(""), undefined);
});
