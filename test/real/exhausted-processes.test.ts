import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { getuid } from "node:process";
import { test } from "node:test";
import { events } from "../support/log-events.ts";
import { eventually, outputOf, start, throwAwayFolder } from "../support/process.ts";
import { main } from "./sidekick.ts";

/** The limit of processes does not hold for root. The other user may read a checkout that is closed to others. */
const asOther =
  getuid?.() === 0
    ? [
        ...["setpriv", "--reuid=61234", "--regid=61234", "--clear-groups"],
        ...["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"],
      ]
    : [];

test("an instance stays registered while no process can be started for its exec check", async (t) => {
  const cwd = await throwAwayFolder(t);
  await chmod(cwd, 0o777);
  await writeFile(
    join(cwd, "sidekick.yaml"),
    `keyspace: file:./keyspace
status: { socket: ./socket }
presence:
  services:
    - name: web
      host: 127.0.0.1
      port: 8080
      checks: [{ type: exec, command: [sh, -c, "sleep 0; true"], interval: 50ms, timeout: 10s, fall: 1 }]
`,
  );
  const env = { HOME: cwd, STATE_DIRECTORY: cwd };
  const agent = start(t, [...asOther, ...main, "run", "-c", "sidekick.yaml"], { cwd, env });
  const logged = (event: string) => events(agent).filter((line) => line.event === event);
  await eventually("it is registered", () => logged("registered").length === 1);
  for (const limit of ["1", "1000"]) {
    await outputOf([...asOther, "prlimit", `--nproc=${limit}:`, `--pid=${agent.pid}`]);
    const event = limit === "1" ? "fault" : "recovered";
    await eventually(event, () => logged(event).length > 0);
  }
  assert.match(String(logged("fault")[0]?.message), /no further processes .*EAGAIN/);
  assert.deepEqual(logged("deregistered"), []);
  assert.equal(logged("health_changed").length, 1);
  assert.equal(await agent.stop(), 0);
});
