import assert from "node:assert/strict";
import { test } from "node:test";
import {
  parseGoBoolean,
  parseGoDuration,
  parseGoFlags,
  parseGoMode,
} from "../../../../lib/config/compat/go-flags.ts";

const flags = [
  { name: "watch", isBoolean: true },
  { name: "node", isBoolean: false, aliases: ["n"] },
];

test("a command line is taken apart as Go does it", () => {
  const parsed = parseGoFlags(
    ["-node", "a", "--node=b=c", "-n", "-d", "-watch", "etcd", "--watch=false", "--", "-node"],
    flags,
  );
  assert.deepEqual(Object.fromEntries(parsed.values), {
    node: ["a", "b=c", "-d"],
    watch: ["true", "false"],
  });
  assert.deepEqual(parsed.operands, ["etcd", "-node"]);
  assert.deepEqual(parsed.problems, []);
  const { problems } = parseGoFlags(["-nodes", "-node"], flags);
  assert.deepEqual(problems, ["there is no option -nodes", "the option -node needs a value"]);
});

test("booleans, durations and permissions are read as Go reads them", () => {
  assert.deepEqual(["1", "T", "False", "yes"].map(parseGoBoolean), [true, true, false, undefined]);
  const durations = ["1m30s", "1.5h", "250ms", ".5s", "0", "10", "1s ", "2d"].map(parseGoDuration);
  assert.deepEqual(durations, [90_000, 5_400_000, 250, 500, 0, undefined, undefined, undefined]);
  const modes = ["0644", "0o600", "420", "0x1a4", "2755", "04755", "0888", "rw", ""].map(
    parseGoMode,
  );
  const [own, bad] = [0o644, undefined];
  assert.deepEqual(modes, [own, 0o600, own, own, 2755, 0o4755, bad, bad, bad]);
});
