import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { eventually, promised } from "../support/process.ts";
import { agreed, has, startScene } from "./containers.ts";
import { image } from "./docker-engine.ts";
import { startRecordedPresence } from "./recorded-presence.ts";
import { startUnixProxy } from "./unix-proxy.ts";

/** Ignores SIGTERM. Its engine would kill it 1 s after a stop signal. */
const stubborn = [
  ...["--stop-timeout=1", "--entrypoint=sh", image],
  ...["-c", "trap '' TERM; while :; do sleep 1; done"],
];

/** Milliseconds within which a drained container is deregistered, and one that stays is registered again. */
const limitMs = 15_000;

test("a drain ends with the stop that caused it", async (t) => {
  const scene = await startScene(t);
  const { docker, run, publish } = scene;
  const proxy = await startUnixProxy(t, join(scene.folder, "proxy.sock"), scene.socket);
  const here = await startRecordedPresence(t, {
    docker: { socket: proxy.socket, ip: "127.0.0.1" },
  });
  const start = (name: string, ...options: readonly string[]) =>
    docker("run", "-d", `--name=${name}`, "--network=tests", "-p", publish, ...options);
  const plain = (name: string, ...options: readonly string[]) => start(name, ...options, image);
  const weightOf = (name: string) => here.weightsOf(name).at(-1);

  await t.test("an engine that is restarted registers its containers again", async () => {
    const restart = "--restart=always";
    const [term, kill] = ["--stop-signal=TERM", "--stop-signal=KILL"];
    await Promise.all([
      ...[plain("term", restart, term), plain("kill", restart, kill)],
      start("slow", restart, ...stubborn),
      ...[run("term-checked", restart, term), run("kill-checked", restart, kill)],
    ]);
    const all = ["kill", "kill-checked", "slow", "term", "term-checked"];
    await agreed(scene, here, has(...all));
    // Like an engine that ends: it asks them to stop, and sends no events any more when they have stopped.
    const stopped = Promise.all(all.map((name) => docker("stop", name)));
    await promised("all are draining", () => here.names().length === 0, limitMs);
    await proxy.cut();
    await stopped;
    await promised(
      "all are deregistered",
      () => all.every((name) => weightOf(name) === undefined),
      limitMs,
    );
    await scene.stop();
    await scene.restart();
    await eventually("they run again", async () => (await scene.healthy()).length === all.length);
    await proxy.restore();
    await agreed(scene, here, has(...all));
    assert.deepEqual(here.weightsOf("slow"), [1, 0, undefined, 1]);
    await docker("pause", "term");
    await agreed(scene, here, has(...all.filter((name) => name !== "term")));
    await docker("unpause", "term");
    await agreed(scene, here, has(...all));
    await docker("rm", "-f", ...all);
    await agreed(scene, here, has());
  });

  await t.test(
    "the second container of an id is registered once the first one has stopped",
    async () => {
      const id = ["--label=SERVICE_ID=one"];
      for (const end of [["stop"], ["rm", "-f"]]) {
        const [first, second] = [`first-${end[0]}`, `second-${end[0]}`];
        await plain(first, ...id);
        await promised("the first is registered", () => weightOf(first) === 1, limitMs);
        await plain(second, ...id);
        await eventually("the second is quarantined", () =>
          here.agent.output().includes(`container ${second}, advertised port`),
        );
        await docker(...end, first);
        await promised("the second is registered", () => weightOf(second) === 1, limitMs);
        assert.deepEqual(here.weightsOf(second), [1]);
        await docker("rm", "-f", second);
        await agreed(scene, here, has());
      }
    },
  );

  await t.test(
    "a container that ignores a stop signal is registered again after its stop timeout",
    async () => {
      await start("stubborn", ...stubborn);
      await agreed(scene, here, has("stubborn"));
      await docker("kill", "-s", "TERM", "stubborn");
      await promised("it is drained", () => weightOf("stubborn") === 0, limitMs);
      await promised("it is registered again", () => weightOf("stubborn") === 1, limitMs);
      assert.equal(here.weightsOf("stubborn").includes(undefined), true);
      await docker("stop", "stubborn");
      await promised("it is deregistered", () => weightOf("stubborn") === undefined, limitMs);
    },
  );

  await t.test(
    "a container that ends again and again soon after its start is registered once",
    async () => {
      const loop = [
        "test -e /stays && exec httpd -f -p 8080",
        "until test -e /crashes; do sleep 0.1; done; sleep 0.4",
      ].join("; ");
      await start("crashing", "--restart=always", "--entrypoint=sh", image, "-c", loop);
      await promised("it is registered", () => weightOf("crashing") === 1, limitMs);
      await docker("exec", "crashing", "touch", "/crashes");
      const restarts = () => docker("inspect", "crashing", "--format={{.RestartCount}}");
      await eventually("it was restarted", async () => Number(await restarts()) >= 5);
      assert.deepEqual(here.weightsOf("crashing").slice(0, 2), [1, undefined]);
      assert.equal(here.weightsOf("crashing").includes(1, 1), false);
      assert.match(
        here.agent.output(),
        /crashing:8080 \(down: flapping: it ended (\d+ms|\d(\.\d)?s) after its start/,
      );
      await eventually("it will stay", () => docker("exec", "crashing", "touch", "/stays"));
      await promised("it is registered again", () => weightOf("crashing") === 1, limitMs);
    },
  );
});
