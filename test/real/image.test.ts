import assert from "node:assert/strict";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { eventsIn } from "../support/log-events.ts";
import { eventually, isWithin, throwAwayFolder, writeForAll } from "../support/process.ts";
import { makeImages, playExec, playScaling } from "./compose.ts";
import { image as application, startDockerEngine } from "./docker-engine.ts";
import { buildSidekickImage } from "./images.ts";
import { printed } from "./sidekick.ts";

/** The maximum size of the program and Node.js, in MB. */
const addedMb = 125;

test("Dockerfile: the image is small, runs without root, reports its health and shuts down cleanly", async (t) => {
  const engine = await startDockerEngine(t);
  const { docker } = engine;
  const built = await buildSidekickImage(engine);
  const inspect = (of: string, format: string) => docker("inspect", `--format=${format}`, of);

  await t.test("it is not much larger than its base", async (t) => {
    const [size, base] = [
      Number(await inspect(built.image, "{{.Size}}")),
      Number(await inspect(built.runtime, "{{.Size}}")),
    ];
    const mb = (bytes: number) => Math.round(bytes / 1e5) / 10;
    t.diagnostic(`image ${mb(size)} MB, of which the base ${mb(base)} MB`);
    assert.ok(mb(size - base) < addedMb, `${mb(size - base)} MB more than its base`);
    const inside = ["run", "--rm", "--entrypoint=ls", built.image, "/usr/local/bin"];
    assert.deepEqual((await docker(...inside)).split("\n"), ["sidekick", "tini"]);
  });

  const folder = await throwAwayFolder(t);
  const keyspace = join(folder, "keyspace");
  await mkdir(keyspace);
  await chmod(folder, 0o755);
  // For the user of the container, whatever its id is.
  await chmod(keyspace, 0o777);
  await writeForAll(
    join(folder, "sidekick.yaml"),
    `keyspace: file:/keyspace
presence:
  ttl: 60s
  services:
    - { name: web, host: app, port: 8080, checks: [{ type: http, path: /healthy, interval: 200ms }] }
`,
  );
  const registered = async () => {
    const keys = await printed(t, ["ls", `file:${keyspace}`, "/services"]);
    return keys.trim();
  };
  const becomeRegistered = () =>
    eventually(
      "the application is registered",
      async () => (await registered()) === "/services/web/app:8080",
    );
  await docker("run", "-d", "--name=app", "--network=tests", "-w", "/", application);
  const run = (name: string, ...options: string[]) =>
    docker(
      ...["run", "-d", `--name=${name}`, "--network=tests", "--health-interval=1s"],
      ...["--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", ...options],
      ...["-v", `${folder}/sidekick.yaml:/etc/sidekick/sidekick.yaml:ro`],
      ...["-v", `${keyspace}:/keyspace`, built.image],
    );
  const healthy = (name: string) =>
    eventually(`${name} is healthy`, async () => {
      const status = await inspect(name, "{{.State.Health.Status}} {{json .State.Health.Log}}");
      return status.startsWith("healthy ") && status;
    });

  await t.test("it works as an unprivileged user, and becomes healthy", async () => {
    await run("sidekick");
    await becomeRegistered();
    assert.match(await healthy("sidekick"), /sidekick \d+\.\d+\.\d+ is healthy/);
    assert.match(await docker("exec", "sidekick", "sidekick", "status", "--ready"), /1 of 1/);
    const status = await docker("exec", "sidekick", "cat", "/proc/1/status");
    assert.match(status, /^Uid:\t1000\t1000\t1000\t1000$/m);
    assert.match(status, /^CapEff:\t0+$/m);
  });

  await t.test("docker restart: the application is registered under the same id", async () => {
    await docker("restart", "sidekick");
    await becomeRegistered();
    await healthy("sidekick");
  });

  await t.test("docker stop: entries are removed at once and not after the TTL", async () => {
    const stoppedMs = performance.now();
    await docker("stop", "sidekick");
    const tookMs = performance.now() - stoppedMs;
    assert.equal(
      await inspect("sidekick", "{{.State.ExitCode}}"),
      "0",
      await engine.logs("sidekick"),
    );
    assert.equal(await registered(), "");
    assert.ok(isWithin(tookMs, 3000), `it took ${tookMs} ms`);
  });

  await t.test(
    "docker stop of sidekick exec: its program is drained, then stopped, and has the exit code",
    async () => {
      const script = "trap 'exit 7' TERM; while :; do sleep 1 & wait; done";
      const services = [{ name: "program", host: "program", port: 80 }];
      const exec = { run: ["sh", "-c", script] };
      const config = {
        keyspace: "file:/keyspace",
        presence: { drainDelay: "300ms", services },
        exec,
      };
      await writeForAll(join(folder, "exec.yaml"), JSON.stringify(config));
      await docker(
        ...["run", "-d", "--name=program", "--network=tests", "--read-only", "--tmpfs=/tmp"],
        ...["-v", `${folder}/exec.yaml:/etc/sidekick/exec.yaml:ro`, "-v", `${keyspace}:/keyspace`],
        ...[built.image, "exec", "-c", "/etc/sidekick/exec.yaml"],
      );
      await eventually("it is registered", async () => (await registered()) !== "");
      await docker("stop", "program");
      assert.equal(await inspect("program", "{{.State.ExitCode}}"), "7");
      assert.equal(await registered(), "");
      const seen = eventsIn(await engine.logs("program")).map(({ event }) => event);
      const order = ["drain_started", "drain_ended", "program_stopped", "stopped"];
      assert.deepEqual(
        seen.filter((event) => order.includes(event)),
        order,
      );
      assert.equal(seen.includes("init_missing"), false);
    },
  );

  for (const user of ["0", "1234"]) {
    await t.test(`the health check works as user ${user}, too`, async () => {
      const name = `user-${user}`;
      await run(name, "--tmpfs=/run", `--user=${user}`);
      await healthy(name);
      await docker("rm", "-f", name);
    });
  }

  const images = await makeImages(engine, built);
  await t.test("deploy/exec/compose.yaml: a stop drains, and ends the application then", (t) =>
    playExec(t, { engine, images, built }),
  );

  await t.test(
    "deploy/compose.yaml: no request fails while it scales to five and back to two",
    (t) => playScaling(t, engine, images),
  );
});
