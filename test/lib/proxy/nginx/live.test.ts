import assert from "node:assert/strict";
import { test } from "node:test";
import { controlAddress, parseListing } from "../../../../lib/proxy/nginx/live/control.ts";
import { parseCounters } from "../../../../lib/proxy/nginx/live/counters.ts";
import { differences } from "../../../../lib/proxy/nginx/live/describe-differences.ts";
import { planLive } from "../../../../lib/proxy/nginx/live/plan.ts";
import { serverTexts } from "../../../../lib/proxy/nginx/live/server-texts.ts";
import { readLiveText, readPeers } from "../../../../lib/proxy/nginx/live/texts.ts";

const control = "unix:/run/nginx/sidekick.sock";

const two = `# Made by hand
include /etc/nginx/modules-enabled/*.conf;
http {
    init_by_lua_block {
        function sidekick.control() ngx.print("generation sidekick-0123456789abcdef") end
        file = {
            ["web"] = {
                "10.0.0.1:80 weight=1",
                "[2001:db8::1]:80 weight=5 backup",
            },
            ["%57eb"] = {
            },
        }
    }
    server { listen ${control}; location / { content_by_lua_block { sidekick.control() } } }
    upstream web { server 0.0.0.1; balancer_by_lua_block { sidekick.balance("web") } }
    upstream %57eb { server 0.0.0.1; balancer_by_lua_block { sidekick.balance("%57eb", true) } }
    server { location / { proxy_pass http://web; } location /w/ { proxy_pass http://%57eb/; } }
}
`;

const edit = (from: string | RegExp, to: string) => two.replace(from, () => to);

test("the peers of a text are what nginx gets", () => {
  const { upstreams, rest } = readLiveText(two);
  assert.deepEqual(
    Array.from(upstreams, ([name, { text }]) => [name, text]),
    [
      ["web", "10.0.0.1:80 weight=1\n[2001:db8::1]:80 weight=5 backup\n"],
      ["%57eb", ""],
    ],
  );
  assert.doesNotMatch(rest, /10\.0\.0\.1|sidekick-0/);
});

/** The plan for a file that changes, as one line. */
function short(loaded: string | undefined, desired: string): string {
  const files = [
    { target: "other.conf", loaded: "x", desired: "x" },
    { target: "nginx.conf", loaded, desired },
  ];
  const planned = planLive({ files }, control);
  if (planned.kind === "reload") return `reload: ${planned.reason}`;
  return `${planned.kind}: ${planned.changed.join(" ")} in ${[...planned.touched.keys()]}`;
}

const web = '"10.0.0.1:80 weight=1",\n';

/** Edits of `two`, each with the plan that it results in. */
const edits: readonly (readonly [title: string, desired: string, short: string])[] = [
  ["nothing", two, "none:  in "],
  ["the generation", edit("0123456789abcdef", "0000000000000001"), "none:  in "],
  ["a weight", edit("weight=1", "weight=0"), "adjust: web/10.0.0.1:80 in web"],
  ["a backup", edit("weight=5 backup", "weight=5"), "adjust: web/[2001:db8::1]:80 in web"],
  ["one more", edit(web, `${web}"10.0.0.2:80 weight=1",\n`), "adjust: web/10.0.0.2:80 in web"],
  ["one fewer", edit(web, ""), "adjust: web/10.0.0.1:80 in web"],
  [
    "all in an empty upstream",
    edit('["%57eb"] = {\n', `["%57eb"] = {\n${web}`),
    "adjust: %57eb/10.0.0.1:80 in %57eb",
  ],
  ["a comment", edit("by hand", "by me"), "reload: more than servers changed"],
  ["a line of another kind", edit(web, "os.exit(),\n"), "reload: more than servers changed"],
  [
    "one more upstream",
    edit('["web"] = {', '["more"] = {\n},\n["web"] = {'),
    "reload: more than servers changed",
  ],
  ["no control server", edit(`listen ${control}`, "listen unix:/x"), "reload: undefined"],
];

for (const [title, desired, expected] of edits) {
  test(`the plan for ${title}`, () => assert.equal(short(two, desired), expected));
}

test("an unknown text is reloaded", () => assert.equal(short(undefined, two), "reload: undefined"));

test("a drained server gets weight 0 and nothing else changes", () => {
  const drained = serverTexts.drain(two, new Set(["[2001:db8::1]:80", "10.0.0.9:80"]));
  assert.equal(drained, edit("weight=5", "weight=0"));
});

test("an address is served, idle, or unclear if requests may go elsewhere", () => {
  const use = (text: string, address: string) => serverTexts.uses([text])(address);
  assert.equal(use(two, "10.0.0.1:80"), "served");
  assert.equal(use(edit("weight=1", "weight=0"), "10.0.0.1:80"), "idle");
  assert.equal(use(two, "10.0.0.8:80"), "idle");
  const unclear = [
    edit("proxy_pass http://web;", "proxy_pass http://$name;"),
    edit("proxy_pass http://web;", "grpc_pass grpc://10.0.0.7;"),
    edit("location / {", "location / { include more.conf;"),
    edit('balancer_by_lua_block { sidekick.balance("web") }', ""),
    edit("Made by hand", "10.0.0.8:80"),
    "events {}",
  ];
  for (const text of unclear) assert.equal(use(text, "10.0.0.8:80"), "unclear", text);
});

test("a difference is described by server", () => {
  const peers = (...lines: readonly string[]) => readPeers(lines.map((one) => `${one}\n`).join(""));
  assert.deepEqual(
    differences(
      peers("a:1 weight=1", "b:1 weight=1", "c:1 weight=1", "d:1 weight=1"),
      peers("a:1 weight=1", "b:1 weight=0", "c:1 weight=1 backup", "e:1 weight=1"),
    ),
    ["b:1 has weight 0 instead of 1", "c:1 was made a backup", "d:1 was removed", "e:1 was added"],
  );
});

test("the answers of the control server are read, and anything else is refused", () => {
  const head = "load 1-17.250\ngeneration sidekick-0123456789abcdef\nchanges 7\n";
  assert.deepEqual(parseListing(`${head}upstream 3 aa bb %57eb\nupstream 1 cc - web\n`), {
    load: "1-17.250",
    changes: 7,
    noted: undefined,
    upstreams: new Map([
      ["%57eb", { version: 3, digest: "aa", fileDigest: "bb" }],
      ["web", { version: 1, digest: "cc", fileDigest: "-" }],
    ]),
  });
  assert.ok("reason" in parseListing("<html>"));
  assert.deepEqual(
    parseCounters(`${head}peer 9 1 2 ejected [::1]:80 web\npeer 0 0 0 - b:1 web\n`),
    [
      {
        ...{
          pool: "web",
          address: "[::1]:80",
          requests: 9,
          failedConnections: 1,
          failedResponses: 2,
        },
        down: "it has failed within the last 2s",
      },
      { pool: "web", address: "b:1", requests: 0, failedConnections: 0, failedResponses: 0 },
    ],
  );
  assert.ok(controlAddress.safeParse(control).success);
  for (const other of ["127.0.0.1:80", "unix:run/a", "unix:/a; x"]) {
    assert.ok(!controlAddress.safeParse(other).success, other);
  }
});
