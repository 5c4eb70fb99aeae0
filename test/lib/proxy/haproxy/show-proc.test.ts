import assert from "node:assert/strict";
import { test } from "node:test";
import { parseProcesses } from "../../../../lib/proxy/haproxy/show-proc.ts";

const head = "#<PID>          <type>          <reloads>       <uptime>        <version>\n";

const answers: readonly (readonly [string, string, unknown])[] = [
  [
    "2.6, running",
    `${head}6372            master          1 [failed: 0]   0d00h00m01s     2.6.12
# workers
6393            worker          0               0d00h00m00s     2.6.12
# old workers
6375            worker          1               0d00h00m01s     2.6.12
# programs

`,
    { reloads: 1, failed: 0, worker: 6393 },
  ],
  [
    "2.6, after a failed reload",
    `${head}6372            master          2 [failed: 1]   0d00h00m01s     2.6.12
# workers
6393            worker          1               0d00h00m00s     2.6.12
# programs
`,
    { reloads: 2, failed: 1, worker: 6393 },
  ],
  [
    "old workers alone",
    `${head}7               master          2 [failed: 0]   0d00h00m01s     2.6.12
# workers
# old workers
6               worker          1               0d00h00m00s     2.6.12
`,
    { reloads: 2, failed: 0, worker: undefined },
  ],
  [
    "no count of failures",
    "7 master 3 0d\n# workers\n",
    { reloads: 3, failed: 0, worker: undefined },
  ],
  ["nothing", "", undefined],
  ["another socket's answer", "Unknown command: 'show proc'\n", undefined],
];

for (const [title, answer, processes] of answers) {
  test(`show proc: ${title}`, () => assert.deepEqual(parseProcesses(answer), processes));
}
