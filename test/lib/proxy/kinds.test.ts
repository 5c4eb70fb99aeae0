import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { createProxy, proxySchema } from "../../../lib/proxy/kinds.ts";

const accepted: readonly (readonly [object, string])[] = [
  [{ type: "haproxy", master: "/run/m.sock" }, "haproxy (master /run/m.sock)"],
  [{ type: "haproxy", pidFile: "/run/h.pid" }, "haproxy (/run/h.pid)"],
  [
    { type: "haproxy", reload: ["systemctl", "reload", "haproxy"], socket: "/run/h.sock" },
    "haproxy (systemctl reload haproxy)",
  ],
  [{ type: "nginx" }, "nginx (/run/nginx.pid)"],
  [{ type: "nginx", reload: ["nginx", "-s", "reload"] }, "nginx (nginx -s reload)"],
  [{ type: "haproxy" }, "haproxy (master /run/haproxy/master.sock or /run/haproxy-master.sock)"],
  [{ type: "command", run: ["true"] }, "the command true"],
  [{ type: "command", shell: "a | b" }, "the command a | b"],
];

for (const [config, title] of accepted) {
  test(`${JSON.stringify(config)} is ${title}`, () => {
    assert.equal(createProxy(proxySchema.parse(config), { clock: systemClock }).title, title);
  });
}

const invalid: readonly (readonly [object, RegExp])[] = [
  [{ type: "haproxy", socket: "/run/h.sock" }, /socket needs a way to reload/],
  [{ type: "haproxy", master: "/m", pidFile: "/p" }, /expected one way to reload/],
  [{ type: "haproxy", reload: [] }, /expected a program/],
  [{ type: "command" }, /expected either run/],
  [{ type: "command", run: ["true"], shell: "true" }, /expected either run/],
  [{ type: "nginx", pidfile: "/p" }, /pidfile/],
  [{ type: "nginx", timeout: 5 }, /expected a duration/],
];

for (const [config, message] of invalid) {
  test(`${JSON.stringify(config)} is invalid`, () => {
    assert.throws(() => proxySchema.parse(config), message);
  });
}
