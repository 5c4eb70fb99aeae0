import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { never } from "../../../lib/base/signal.ts";
import { ownHaproxy } from "../../../lib/proxy/haproxy/own-haproxy.ts";
import { createProxy, proxySchema } from "../../../lib/proxy/kinds.ts";

const running = (line: string, pid?: number) => ({ argv: line.split(" "), pid });

for (const [line, master] of [
  ["haproxy -W -S /run/m.sock -f x", "/run/m.sock"],
  ["/usr/sbin/haproxy -Ws -S /run/m.sock,mode,600 -f x", "/run/m.sock"],
  ["docker-entrypoint.sh haproxy -S unix@/run/m.sock", "/run/m.sock"],
  ["haproxy -W -S m.sock", resolve("m.sock")],
  ["haproxy -W -S 127.0.0.1:9999", undefined],
  ["haproxy -W -f x", undefined],
] as const) {
  test(`the master's socket of ${line}`, () => {
    assert.equal(ownHaproxy(running(line))?.master, master);
  });
}

test("a master's socket is found in the line of a shell", () => {
  const program = { argv: ["sh", "-c", "exec haproxy -W -S /run/m.sock"], pid: undefined };
  assert.equal(ownHaproxy(program)?.master, "/run/m.sock");
});

test("a program that only reads a file of haproxy is not haproxy", () => {
  assert.equal(ownHaproxy(running("tail -f haproxy.cfg")), undefined);
});

const titleOf = (config: object, line: string) =>
  createProxy(proxySchema.parse(config), { clock: systemClock, program: running(line) }).title;

for (const [config, line, title] of [
  [{ type: "haproxy" }, "haproxy -W -S /m", "haproxy (master /m)"],
  [{ type: "haproxy" }, "haproxy -W", "haproxy (haproxy -W)"],
  [{ type: "haproxy", master: "/other" }, "haproxy -W -S /m", "haproxy (master /other)"],
  [{ type: "haproxy", pidFile: "/p" }, "haproxy -W -S /m", "haproxy (/p)"],
  [{ type: "nginx" }, "nginx -g x", "nginx (nginx -g x)"],
  [{ type: "nginx" }, "node app.js", "nginx (/run/nginx.pid)"],
  [{ type: "nginx", pidFile: "/p" }, "nginx -g x", "nginx (/p)"],
] as const) {
  test(`${JSON.stringify(config)} with the program ${line} is ${title}`, () => {
    assert.equal(titleOf(config, line), title);
  });
}

for (const [type, line] of [
  ["haproxy", "haproxy -W -S /nonexistent/m"],
  ["haproxy", "haproxy -W"],
  ["nginx", "nginx"],
] as const) {
  test(`${line} that has not been started is proved not to run`, async () => {
    const config = proxySchema.parse({ type });
    const proxy = createProxy(config, { clock: systemClock, program: running(line) });
    await assert.rejects(proxy.apply({ files: [] }, never), { code: "PROXY_NOT_RUNNING" });
    assert.partialDeepStrictEqual(await proxy.observe?.([], never), {
      state: "down",
      hasEnded: true,
    });
  });
}
