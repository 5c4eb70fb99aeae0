import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { shortageIn, shortageInOutput } from "../../../lib/base/shortage.ts";

const withCode = (code: string, cause?: unknown) =>
  Object.assign(new Error(`connect ${code}`, { cause }), { code });

test("what the process lacked is described, also where it is the cause of another error", () => {
  for (const code of ["EMFILE", "ENFILE", "EAGAIN", "ENOMEM", "ENOBUFS", "EADDRNOTAVAIL"]) {
    assert.match(shortageIn(withCode(code)) ?? "", new RegExp(`^no .*\\(${code}\\)$`));
  }
  const fault = new Fault("DOCKER_UNREACHABLE", true, "unreachable", withCode("EMFILE"));
  assert.match(shortageIn(fault) ?? "", /EMFILE/);
});

test("an error of the target is no lack, and neither is one of several addresses that refused", () => {
  assert.equal(shortageIn(withCode("ECONNREFUSED")), undefined);
  assert.equal(shortageIn("EMFILE"), undefined);
  const [refused, lacking] = [withCode("ECONNREFUSED"), withCode("EADDRNOTAVAIL")];
  assert.equal(shortageIn(new AggregateError([refused, lacking])), undefined);
  assert.match(shortageIn(new AggregateError([lacking, lacking])) ?? "", /EADDRNOTAVAIL/);
});

test("shells that cannot start a process are recognized", () => {
  for (const line of [
    "sh: 1: Cannot fork",
    "sh: 0: Cannot fork",
    "bash: fork: retry: Resource temporarily unavailable",
    "bash: line 1: fork: Cannot allocate memory",
    "sh: can't fork: Resource temporarily unavailable",
  ]) {
    assert.match(shortageInOutput(`starting\n${line}\n`) ?? "", /^no further processes/, line);
  }
  assert.equal(shortageInOutput("curl: (7) Failed to connect\nfork bomb\n"), undefined);
});
