import assert from "node:assert/strict";
import { test } from "node:test";
import { plan } from "../../../../lib/proxy/haproxy/plan.ts";

const head = `global
  maxconn 100
defaults
  mode http
  default-server inter 1s init-addr last,libc,none
frontend f
  bind :80
  default_backend web
backend web
`;

const two = `${head}  server a 10.0.0.1:80 check
  server b 10.0.0.2:80 check weight 3
`;

/** The plan for a file that changes, as one line. */
function short(loaded: string | undefined, desired: string): string {
  const planned = plan({ files: [{ target: "haproxy.cfg", loaded, desired }] });
  if (planned.kind === "reload") return `reload: ${planned.reason}`;
  return `${planned.kind}: ${planned.changed.join(" ")}`;
}

const edit = (from: string | RegExp, to: string) => two.replace(from, to);
const more = "reload: more than servers changed";

/** Edits of `two`, each with the plan that it results in. */
const edits: readonly (readonly [title: string, desired: string, short: string])[] = [
  ["nothing", two, "none: "],
  ["comments, blank lines, spaces", `# at 12:00\n${edit("  bind", "\n\tbind   ")}`, "none: "],
  [
    "a comment behind a server",
    edit("a 10.0.0.1:80 check", "a 10.0.0.1:80 check # it's"),
    "none: ",
  ],
  ["another order", edit(/( {2}server a.*\n)( {2}server b.*\n)/, "$2$1"), "none: "],
  ["a cookie without effect", edit("a 10.0.0.1:80", "a 10.0.0.1:80 cookie a"), "none: "],
  [
    "one more with a cookie without effect",
    `${two}  server c 10.0.0.3:80 cookie c check\n`,
    "adjust: web/c",
  ],
  ["one more", `${two}  server c 10.0.0.3:80\n`, "adjust: web/c"],
  ["one more, IPv6", `${two}  server c [::1]:80\n`, "adjust: web/c"],
  ["one less", edit(/ {2}server a.*\n/, ""), "adjust: web/a"],
  ["none left", head, "adjust: web/a web/b"],
  ["another for one", edit("a 10.0.0.1", "c 10.0.0.3"), "adjust: web/a web/c"],
  ["a weight", edit("weight 3", "weight 4"), "adjust: web/b"],
  [
    "an explicit weight that was the default before",
    edit("80 check\n", "80 check weight 1\n"),
    "none: ",
  ],
  ["disabled", edit("80 check\n", "80 check disabled\n"), "adjust: web/a"],
  [
    "an address",
    edit("10.0.0.1", "10.0.0.9"),
    "reload: web/a has another address or other options",
  ],
  ["a port", edit("1:80", "1:81"), "reload: web/a has another address or other options"],
  ["an option", edit("80 check\n", "80\n"), "reload: web/a has another address or other options"],
  [
    "a host name",
    `${two}  server c db.local:80\n`,
    "reload: web/c is not an IP address and a port",
  ],
  [
    "a socket",
    `${two}  server c unix@/run/c.sock\n`,
    "reload: web/c is not an IP address and a port",
  ],
  ["no port", `${two}  server c 10.0.0.3\n`, "reload: web/c is not an IP address and a port"],
  ["another default", edit("inter 1s", "inter 2s"), more],
  ["a timeout", edit("mode http", "mode http\n  timeout client 1s"), more],
  ["a pool", `${two}backend api\n`, more],
  ["a section less", two.slice(two.indexOf("frontend")), more],
  ["a server of peers", `${two}peers p\n  server x 10.0.0.1:90\n`, more],
  ["a template of servers", `${two}  server-template t 1-3 10.0.0.1:80\n`, more],
  ["a name twice", `${two}  server a 10.0.0.3:80\n`, more],
  ["quotes", `${two}  server c "10.0.0.3":80\n`, more],
  ["a variable", `${two}  server c 10.0.0.3:$PORT\n`, more],
  ["another command", `${two}  server c 10.0.0.3:80;shutdown\n`, more],
  ["an agent", `${two}  server c 10.0.0.3:80 agent-check\n`, more],
  [
    "sessions that end with it",
    `${two}  server c 10.0.0.3:80 on-marked-down shutdown-sessions\n`,
    more,
  ],
];

for (const [title, desired, expected] of edits) {
  test(`the plan for ${title}`, () => assert.equal(short(two, desired), expected));
}

/** Configurations in which one more server needs a reload, though nothing else changes. */
const notAdjustable: Readonly<Record<string, string>> = {
  "defaults in another file": "backend web\n",
  "a template of servers beside it": `${head}  server-template t 1-3 10.0.0.1:80\n`,
  "a condition around it": `${head}.if defined(X)\n  server x 10.0.0.1:80\n.endif\n`,
  "a cookie for each server": `${head}  cookie S insert\n`,
  "defaults in quotes": head.replace("inter 1s", 'inter "1s"'),
  peers: `${head}peers p\n`,
  "unknown defaults": `${head}backend api from other\n`,
};

for (const [title, text] of Object.entries(notAdjustable)) {
  test(`one more server is a reload with ${title}`, () => {
    assert.equal(short(text, `${text}  server c 10.0.0.3:80\n`), more);
  });
}

test("the inherited options of a server are part of its settings", () => {
  const text = `defaults base
  default-server inter 1s weight 5
defaults other from base
  default-server fall 2
backend one from base
  default-server rise 3
  server a 10.0.0.1:80 check inter 9s
  default-server slowstart 1s disabled
  server b 10.0.0.2:80 enabled weight 2
listen two
  server c [0:0::1]:80
`;
  const planned = plan({ files: [{ target: "x", loaded: text, desired: text }] });
  assert.ok(planned.kind === "none");
  assert.deepEqual(
    new Map([...planned.desired].map(([name, servers]) => [name, Object.fromEntries(servers)])),
    new Map<string, unknown>([
      [
        "one",
        {
          a: {
            address: { host: "10.0.0.1", port: 80 },
            settings: "10.0.0.1:80 inter 1s rise 3 check inter 9s",
            weight: 5,
            disabled: false,
            checked: true,
          },
          b: {
            address: { host: "10.0.0.2", port: 80 },
            settings: "10.0.0.2:80 inter 1s rise 3 slowstart 1s",
            weight: 2,
            disabled: false,
            checked: false,
          },
        },
      ],
      [
        "two",
        {
          c: {
            address: { host: "::1", port: 80 },
            settings: "[0:0::1]:80 inter 1s fall 2",
            weight: 5,
            disabled: false,
            checked: false,
          },
        },
      ],
    ]),
  );
});

test("an unknown loaded text is a reload", () => {
  assert.equal(short(undefined, two), "reload: undefined");
});

test("several files are adjusted if all are known and only servers have changed", () => {
  const map = { target: "hosts.map", loaded: "web.example web\n", desired: "web.example web\n" };
  const config = { target: "haproxy.cfg", loaded: head, desired: two };
  assert.equal(plan({ files: [map, config] }).kind, "adjust");
  const other = { ...map, desired: "web.example api\n" };
  assert.equal(plan({ files: [other, config] }).kind, "reload");
});

test("changes of so many servers that a reload is faster are a reload", () => {
  const many = Array.from({ length: 2001 }, (_, i) => `  server s${i} 10.0.0.1:${i + 1}\n`).join(
    "",
  );
  assert.equal(short(head, head + many), "reload: 2001 servers changed");
});
