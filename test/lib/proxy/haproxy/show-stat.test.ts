import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCounters } from "../../../../lib/proxy/haproxy/show-stat.ts";

const columns = [
  ...["pxname", "svname", "scur", "stot", "econ", "eresp", "wretr", "wredis", "status"],
  ...["check_status", "check_code", "hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx"],
  ...["hrsp_other", "last_chk", "addr", "mode"],
];

/** A line of the answer; counts that are not given are 0, as haproxy has them. */
function line(values: Readonly<Record<string, number | string>>): string {
  const texts = ["check_status", "check_code", "last_chk", "mode"];
  const preset = { pxname: "web", svname: "a", status: "no check", addr: "127.0.0.1:80" };
  const known: typeof values = { ...preset, ...values };
  return `${columns.map((name) => known[name] ?? (texts.includes(name) ? "" : 0)).join(",")},`;
}

function counted(values: Readonly<Record<string, number | string>>): string {
  const [one] = parseCounters(`# ${columns.join(",")},\n${line(values)}\n\n`);
  const { requests, failedConnections, failedResponses, down = "" } = one ?? {};
  return `${requests} ${failedConnections} ${failedResponses} ${down}`.trim();
}

// The counts are those of haproxy 2.6 after twelve requests.
test("connections that fail are counted, whether they are retried there, elsewhere or not", () => {
  assert.equal(counted({ stot: 11, wredis: 11 }), "11 11 0");
  assert.equal(counted({ stot: 16, wretr: 12, econ: 4 }), "16 16 0");
  assert.equal(counted({ stot: 12, hrsp_2xx: 10, wredis: 2 }), "12 2 0");
});

test("responses that fail are counted, also where they are repeated", () => {
  assert.equal(counted({ stot: 11, wretr: 11, wredis: 11 }), "11 0 11");
  assert.equal(counted({ stot: 16, wretr: 24, eresp: 4 }), "16 0 16");
  assert.equal(counted({ stot: 12, hrsp_2xx: 10, hrsp_5xx: 2 }), "12 0 2");
});

test("requests that are still under way have not failed", () => {
  assert.equal(counted({ stot: 12, scur: 3, hrsp_2xx: 9 }), "12 0 0");
});

test("in TCP mode only connections are known to fail", () => {
  const none = Object.fromEntries(columns.slice(11, 17).map((name) => [name, ""]));
  assert.equal(counted({ ...none, stot: 12, wredis: 12 }), "12 12 0");
  assert.equal(counted({ ...none, stot: 12 }), "12 0 0");
});

test("a server that is down has the reason of the check", () => {
  const down = (check_status: string, more = {}) =>
    counted({ status: "DOWN", check_status, ...more });
  assert.equal(down("L4CON"), "0 0 0 the proxy's check cannot connect (L4CON)");
  assert.equal(down("* L4TOUT"), "0 0 0 the proxy's check cannot connect in time (L4TOUT)");
  assert.equal(
    down("L7STS", { check_code: 503, last_chk: '"No, ""thanks"""' }),
    "0 0 0 the proxy's check gets the status 503 (L7STS)",
  );
  assert.equal(down("PROCERR"), "0 0 0 the proxy's check fails (PROCERR)");
  assert.equal(down(""), "0 0 0 it is down there");
  assert.equal(counted({ status: "UP 1/2", check_status: "L4CON" }), "0 0 0");
  assert.equal(counted({ status: "MAINT" }), "0 0 0");
});

test("servers without an address, and answers of another form, have no counts", () => {
  assert.deepEqual(parseCounters(`# ${columns.join(",")},\n${line({ addr: "" })}\n`), []);
  assert.deepEqual(parseCounters("Unknown command\n"), []);
  assert.deepEqual(parseCounters("# pxname,svname,\nweb,a,\n"), []);
  assert.deepEqual(parseCounters(""), []);
});
