import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually, freePort, promised, start, throwAwayFolder } from "../support/process.ts";
import { startHaproxy } from "./haproxy.ts";
import { main } from "./sidekick.ts";

/** Within how many milliseconds the next attempt succeeds; the back-off alone would take 60 s and more. */
const promptMs = 6000;

/** Root without the right to write where the mode of a folder does not permit it; another user might not read the program. */
const unprivileged = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"];

/** A watcher that waits for minutes after each failure; without rights if it has no proxy. */
async function patientWatcher(t: TestContext, proxy?: (folder: string) => string) {
  const folder = await throwAwayFolder(t);
  const etc = join(folder, "etc");
  await mkdir(join(folder, "keys/app"), { recursive: true });
  await mkdir(etc);
  const key = join(folder, "keys/app/port");
  await writeFile(key, String(await freePort()));
  const template = join(folder, "haproxy.cfg.hbs");
  const text = `defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend it
  bind 127.0.0.1:{{getv "/app/port"}}
`;
  await writeFile(template, text);
  await writeFile(
    join(folder, "sidekick.yaml"),
    [
      "keyspace: file:./keys",
      "status: { socket: ./etc/sidekick.sock }",
      "watch:",
      "  acknowledge: false",
      "  snapshotCache: false",
      "  retry: { first: 2m, atMost: 10m }",
      "  templates:",
      "    - source: haproxy.cfg.hbs",
      "      target: etc/haproxy.cfg",
      "      prefixes: [/app]",
      '      check: [sh, -c, "haproxy -c -q -f $0 && ! test -e broken", "{candidate}"]',
      proxy?.(etc) ?? "",
    ].join("\n"),
  );
  const agent = start(
    t,
    [...(proxy ? [] : unprivileged), ...main, "watch", "-c", "sidekick.yaml"],
    { cwd: folder },
  );
  const count = (event: string) => agent.output().split(`"event":"${event}"`).length - 1;
  const applied = (times: number) => () => count("applied") >= times;
  /** Another port is desired, so that the next attempt has something to do. */
  const change = async () => writeFile(key, String(await freePort()));
  const failures = () => agent.output().match(/"event":"fault".*"subject":"haproxy.cfg"/g)?.length;
  const faults = (times: number) => eventually(`${times} faults`, () => (failures() ?? 0) >= times);
  return { folder, etc, template, text, applied, change, faults, log: agent.output };
}

test("a folder that is made writable again is written at once", async (t) => {
  const { etc, applied, change, faults } = await patientWatcher(t);
  await eventually("the first file is applied", applied(1));
  await chmod(etc, 0o555);
  await change();
  await faults(1);
  await chmod(etc, 0o755);
  await promised("the change is applied", applied(2), promptMs);
});

test("a folder that is missing, and is created, is written at once", async (t) => {
  const { etc, applied, change, faults } = await patientWatcher(t);
  await eventually("the first file is applied", applied(1));
  await rename(etc, `${etc}.away`);
  await change();
  await faults(1);
  await rename(`${etc}.away`, etc);
  await promised("the change is applied", applied(2), promptMs);
});

test("a template that is mended is rendered at once", async (t) => {
  const { template, text, applied, faults } = await patientWatcher(t);
  await eventually("the first file is applied", applied(1));
  await writeFile(template, `${text}{{getv "/app/missing"}}\n`);
  await faults(1);
  await writeFile(template, `${text}# mended\n`);
  await promised("the template is applied", applied(2), promptMs);
});

test("a key that is corrected is applied at once, whatever failed before", async (t) => {
  const { folder, applied, change, faults } = await patientWatcher(t);
  await eventually("the first file is applied", applied(1));
  await writeFile(join(folder, "broken"), "");
  await change();
  await faults(1);
  // The check command's own cause is not noticed: the next change of a key is.
  await rm(join(folder, "broken"));
  await change();
  await promised("the change is applied", applied(2), promptMs);
});

test("a proxy that is started is verified at once, and anew after it was killed", async (t) => {
  const { etc, applied, faults, log } = await patientWatcher(
    t,
    (etc) => `      proxy: { type: haproxy, master: ${etc}/master.sock }`,
  );
  const config = join(etc, "haproxy.cfg");
  await faults(1);
  const first = await startHaproxy(t, { config });
  await promised("it is verified", applied(1), promptMs);
  await first.process.stop("SIGKILL");
  await eventually("it is down", () => log().split('"event":"proxy_down"').length > 2);
  await startHaproxy(t, { config });
  await promised("it is verified anew", applied(2), promptMs);
});
