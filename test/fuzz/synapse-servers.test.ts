import assert from "node:assert/strict";
import { test } from "node:test";
import { haproxyGenerator } from "../../lib/render/synapse/haproxy-config.ts";
import { nginxConfig } from "../../lib/render/synapse/nginx-config.ts";
import type { SynapseServer } from "../../lib/render/synapse/settings.ts";
import { nginxSettings } from "../lib/render/synapse/nginx-cases.ts";
import { service, settings } from "../lib/render/synapse/settings.ts";
import { oneOf, seeded } from "../support/random.ts";

const pieces = [
  ...["a", "web-1", "10.0.0.1", "fd00::1", "_", "é", " ", "\t", "\n", "\r", "\u2028", "\0", "#"],
  ...[
    '"',
    "'",
    "\\",
    "$",
    "%",
    "%{host}",
    "%[env(X)]",
    "{",
    "}",
    ";",
    "`",
    ":",
    "/",
    "\n}",
    "[",
    "]",
  ],
  ...["\nlisten pwn\n\tbind :1", "; include /etc/passwd", " disabled", " id 1", " cookie x"],
];
const words = [
  ...["backup", "check", "weight", "id", "inter", "rise", "maxconn", "cookie", "port", "addr"],
  ...["5", "1s", "0", "-1", "99999999999", "\n", "\t", " ", "#", "ssl", "crt", "disabled"],
];

const made = (random: () => number, from: readonly string[], most: number, between = ""): string =>
  Array.from({ length: Math.floor(random() * most) }, () => oneOf(from, random)).join(between);

function serverOf(random: () => number): SynapseServer {
  const maybe = <T>(value: T): T | undefined => (random() < 0.5 ? value : undefined);
  const name = maybe(made(random, pieces, 4));
  const options = maybe(made(random, words, 6, " "));
  const weight = maybe(Math.floor(random() * 300));
  const haproxyId = maybe(Math.floor(random() * 5));
  return {
    host: random() < 0.5 ? `10.0.0.${Math.floor(random() * 9)}` : made(random, pieces, 4),
    port: 1 + Math.floor(random() * 9),
    ...(name !== undefined && { name }),
    ...(options !== undefined && { options }),
    ...(weight !== undefined && { weight }),
    ...(haproxyId !== undefined && { haproxyId }),
  };
}

const rounds = 2000;

test("whatever entries have, haproxy.cfg has one line for each server and is otherwise the same", () => {
  const random = seeded(1);
  for (let round = 0; round < rounds; round += 1) {
    const { generate, recall } = haproxyGenerator(
      settings({
        writesWeights: random() < 0.5,
        ...(random() < 0.5 && { keepsGoneMs: 10 }),
        services: [service({ order: oneOf(["asc", "no_shuffle", "shuffle"], random) })],
      }),
    );
    const empty = generate(new Map(), undefined, 0).text;
    const found = Array.from({ length: 5 }, () => serverOf(random));
    const servers = new Map([["web", found]]);
    const { text } = generate(servers, undefined, 0);
    const lines = text.split("\n").filter((line) => line.startsWith("\tserver "));
    const others = text.split("\n").filter((line) => !line.startsWith("\tserver "));
    assert.equal(others.join("\n"), empty);
    const ids = lines.flatMap((line) => / id (\d+)/.exec(line)?.[1] ?? []);
    assert.equal(new Set(ids).size, ids.length, text);
    for (const line of lines)
      assert.match(line, /^\tserver [^\s#"'\\$%{}]+ \S+:\d( [^#"'\\$%{}]*)?$/);
    assert.equal(generate(servers, recall(text, 1), 2).text, text);
  }
});

test("whatever entries have, nginx.conf has one line for each server and is otherwise the same", () => {
  const random = seeded(2);
  for (let round = 0; round < rounds; round += 1) {
    const found = [
      { host: "10.0.0.1", port: 1 },
      ...Array.from({ length: 5 }, () => serverOf(random)),
    ];
    const { text } = nginxConfig(nginxSettings(), new Map([["web", found]]));
    const [, body = ""] = /\tupstream web \{\n([^}]*)\n\t\}\n\}\n$/.exec(text) ?? [];
    for (const line of body.split("\n")) {
      assert.match(line, /^\t\tserver [^\s;{}"'\\#$`]+:\d( down)?;$/);
    }
  }
});
