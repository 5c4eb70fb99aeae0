import assert from "node:assert/strict";
import { test } from "node:test";
import { lastLines } from "../../../lib/base/exec.ts";
import { cleanLine } from "../../../lib/proxy/clean-line.ts";

const cleaned = (text: string) => lastLines(text, cleanLine);

test("the same error gives the same text, whatever its time and process id", () => {
  const nginx = (time: string, pid: number) =>
    `2026/11/21 ${time} [emerg] ${pid}#${pid}: unknown directive "x" in /etc/nginx.conf:10\n`;
  const haproxy = (pid: number) => `[ALERT]    (${pid}) : config : parsing [/etc/h.cfg:3]\n`;
  assert.deepEqual(cleaned(nginx("04:12:08", 18_952) + haproxy(77)), [
    '[emerg] unknown directive "x" in /etc/nginx.conf:10',
    "[ALERT] config : parsing [/etc/h.cfg:3]",
  ]);
  assert.deepEqual(cleaned(nginx("04:12:09", 5)), cleaned(nginx("04:12:08", 18_952)));
});

test("lines of haproxy that accompany every error are left out", () => {
  const printed = `[NOTICE]   (77) : haproxy version is 2.6.12-1
[NOTICE]   (77) : path to executable is /usr/sbin/haproxy
[ALERT]    (77) : config : parsing [/etc/h.cfg:3] : unknown keyword 'x'
[ALERT]    (77) : config : Error(s) found in configuration file : /etc/h.cfg
[ALERT]    (77) : config : Fatal errors found in configuration.
`;
  assert.deepEqual(cleaned(printed), [
    "[ALERT] config : parsing [/etc/h.cfg:3] : unknown keyword 'x'",
  ]);
});
