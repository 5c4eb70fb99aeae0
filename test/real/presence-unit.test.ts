import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { userKey } from "../stand-in/aws.ts";
import { type AwsReport, balancer } from "../stand-in/aws-process.ts";
import { eventually, throwAwayFolder } from "../support/process.ts";
import { dockerHost, proxy, startAwsScene } from "./aws-scene.ts";
import { startSystemd } from "./systemd-machine.ts";

const folder = join(import.meta.dirname, "presence-unit");
const [app, presence] = ["nginx.service", "nginx-presence.service"];

/** How long the load balancer drains an instance, in milliseconds. */
const drainMs = 1500;

/** The environment file of the unit; without keys, the role of the machine has them. */
function environment(hasKeys: boolean): string {
  return [
    ...(hasKeys ? [`AWS_ACCESS_KEY=${userKey.id}`, `AWS_SECRET_KEY=${userKey.secret}`] : []),
    ...["AWS_REGION=us-west-2", `ELB_NAME=${balancer}`],
    ...[`PROXY_HOST=${proxy.host}`, `PROXY_PORT=${proxy.port}`],
  ].join("\n");
}

test("an old presence unit does its job with only its image line changed", async (t) => {
  const scene = await startAwsScene(t, { initialMs: 500, drainMs });
  const { ask, docker, enter, sidekickImage } = scene;

  // The unit as it was written, for another image.
  const text = await readFile(join(folder, presence), "utf8");
  const changed = text.replace("quay.io/coreos/elb-presence", sidekickImage);
  const [before, after] = [text.split("\n"), changed.split("\n")];
  assert.equal(before.filter((line, i) => line !== after[i]).length, 1);
  const units = join(await throwAwayFolder(t), "units");
  await mkdir(units);
  await writeFile(join(units, presence), changed);
  const machine = {
    units: [join(folder, app), join(units, presence)],
    programs: { none: "" },
    etc: {
      "elb-presence.env": environment(true),
      "systemd/system.conf": `[Manager]\nDefaultEnvironment=DOCKER_HOST=${dockerHost}\n`,
    },
  };
  const { systemctl, inside } = await startSystemd(t, machine, enter);
  const phase = async () => (await ask()).phase;
  const becomes = (what: string, isIt: (report: AwsReport) => boolean) =>
    eventually(what, async () => {
      const report = await ask();
      return isIt(report) && report;
    });
  const logs = () => docker("logs", "nginx-presence");
  /** When the application was started and stopped last, in milliseconds since 1970: it logs that. */
  const appTimes = async () => {
    const log = await inside("cat", "/run/log");
    const of = (what: string) => Number(log.match(new RegExp(`(?<=^${what} )\\d+`, "gm"))?.at(-1));
    const ended = log.match(/(?<="time":")[^"]+(?=","level":"info","event":"stopped")/g)?.at(-1);
    return { startMs: of("starts"), stopMs: of("stops"), agentEndMs: Date.parse(ended ?? "") };
  };
  const last = ({ requests }: AwsReport, action: string) =>
    requests.findLast((one) => one.action.startsWith(action) && one.refusal === "");

  // Throttled at first: tried again with back-off.
  await ask({ throttle: 2 });
  await systemctl("start", app);
  const registered = await becomes("it is registered", ({ phase }) => phase === "healthy");
  const refusals = registered.requests.map(({ refusal }) => refusal).filter(Boolean);
  assert.deepEqual(refusals, ["Throttling", "Throttling"]);
  const firstAt = last(registered, "Register")?.atMs ?? 0;
  assert.ok(firstAt >= (await appTimes()).startMs, "not before the application starts");
  assert.match(scene.proxied(), /CONNECT elasticloadbalancing\.us-west-2\.amazonaws\.com:443/);
  await eventually("the status has it", async () => {
    const status = await docker("exec", "nginx-presence", "sidekick", "status").catch(String);
    return (
      /1 of 1 instances registered/.test(status) && / {12}elb\/bcwaldon-fleet-lb /.test(status)
    );
  });
  assert.match(await docker("exec", "nginx-presence", "sidekick", "check"), /^environment: valid/);

  // Killed: it stays registered, and the next agent asserts it.
  await docker("kill", "nginx-presence");
  assert.equal(await phase(), "healthy");
  await becomes("it is asserted", (report) => (last(report, "Register")?.atMs ?? 0) > firstAt);
  const kept = await ask();
  assert.equal(kept.phase, "healthy");
  assert.ok(!kept.requests.some(({ action }) => action.startsWith("Deregister")));

  // Stopped: gone, and drained, before the application stops.
  await systemctl("stop", app);
  const stopped = await ask();
  assert.equal(stopped.phase, undefined);
  const goneAt = (last(stopped, "Deregister")?.atMs ?? 0) + drainMs;
  const { agentEndMs, stopMs } = await appTimes();
  assert.ok(goneAt <= agentEndMs, `drained at ${goneAt}, the agent ends at ${agentEndMs}`);
  assert.ok(agentEndMs <= stopMs, `the application stops at ${stopMs}`);
  const beginMs = registered.requests[0]?.atMs ?? 0;
  const events = [
    ...stopped.requests.map(({ action, refusal, atMs }) => [atMs, `${action} ${refusal}`] as const),
    ...([
      [agentEndMs, "the agent has ended"],
      [stopMs, "the application is stopped"],
    ] as const),
  ];
  for (const [ms, what] of events.toSorted(([a], [b]) => a - b)) {
    t.diagnostic(`${String(Math.round(ms - beginMs)).padStart(6)} ms ${what}`);
  }

  // By the role of the machine, whose keys end before their time.
  await inside("sh", "-c", `printf '%s' '${environment(false)}' >/etc/elb-presence.env`);
  await systemctl("start", app);
  const byRole = await becomes("it is registered again", ({ phase }) => phase === "healthy");
  const { key } = last(byRole, "Register") ?? { key: "" };
  assert.match(key, /^ASIA/);
  await ask({ expireKeys: true });
  await systemctl("stop", app);
  const renewed = await ask();
  assert.equal(renewed.phase, undefined, await logs().catch(String));
  const tries = renewed.requests.filter(({ action }) => action.startsWith("Deregister")).slice(-2);
  assert.deepEqual(
    tries.map(({ refusal }) => refusal),
    ["ExpiredToken", ""],
  );
  assert.notEqual(tries[1]?.key, key);
});
