import assert from "node:assert/strict";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { eventually, isWithin, throwAwayFolder, writeForAll } from "../support/process.ts";
import { playScaling } from "./compose.ts";
import { image as application, startDockerEngine } from "./docker-engine.ts";
import { buildSidekickImage } from "./images.ts";
import { printed } from "./sidekick.ts";

/** What the program and its dependencies may add to Node.js, in MB. */
const addedMb = 30;

test("Dockerfile: an image that is small, is not root, says how it fares, and leaves well", async (t) => {
  const engine = await startDockerEngine(t);
  const { docker } = engine;
  const built = await buildSidekickImage(engine);
  const inspect = (of: string, format: string) => docker("inspect", `--format=${format}`, of);

  await t.test("it is hardly larger than its base", async (t) => {
    const [size, base] = [
      Number(await inspect(built.image, "{{.Size}}")),
      Number(await inspect(built.base, "{{.Size}}")),
    ];
    const mb = (bytes: number) => Math.round(bytes / 1e5) / 10;
    t.diagnostic(`image ${mb(size)} MB, of which the base ${mb(base)} MB`);
    assert.ok(mb(size - base) < addedMb, `${mb(size - base)} MB more than its base`);
    const inside = await docker("run", "--rm", "--entrypoint=ls", built.image, "/sidekick");
    assert.deepEqual(inside.split("\n"), [
      "bin",
      "dist",
      "node_modules",
      "package.json",
      "templates",
    ]);
  });

  const folder = await throwAwayFolder(t);
  const keyspace = join(folder, "keyspace");
  await mkdir(keyspace);
  await chmod(folder, 0o755);
  // Whoever the container's user is on this machine.
  await chmod(keyspace, 0o777);
  await writeForAll(
    join(folder, "sidekick.yaml"),
    `keyspace: file:/keyspace
presence:
  ttl: 60s
  services:
    - { name: web, host: app, port: 8080, checks: [{ type: http, path: /well, interval: 200ms }] }
`,
  );
  const announced = async () => {
    const keys = await printed(t, ["ls", `file:${keyspace}`, "/services"]);
    return keys.trim();
  };
  const isAnnounced = () =>
    eventually("it is announced", async () => (await announced()) === "/services/web/app:8080");
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

  await t.test("it does its work as a user without rights, and becomes healthy", async () => {
    await run("sidekick");
    await isAnnounced();
    assert.match(await healthy("sidekick"), /sidekick \d+\.\d+\.\d+ is healthy/);
    assert.match(await docker("exec", "sidekick", "sidekick", "status", "--ready"), /1 of 1/);
    const status = await docker("exec", "sidekick", "cat", "/proc/1/status");
    assert.match(status, /^Uid:\t1000\t1000\t1000\t1000$/m);
    assert.match(status, /^CapEff:\t0+$/m);
  });

  await t.test("docker restart: the same id", async () => {
    await docker("restart", "sidekick");
    await isAnnounced();
    await healthy("sidekick");
  });

  await t.test(
    "docker stop: what it announced is gone at once, long before its time to live",
    async () => {
      const stoppedMs = performance.now();
      await docker("stop", "sidekick");
      const tookMs = performance.now() - stoppedMs;
      assert.equal(
        await inspect("sidekick", "{{.State.ExitCode}}"),
        "0",
        await engine.logs("sidekick"),
      );
      assert.equal(await announced(), "");
      assert.ok(isWithin(tookMs, 3000), `it took ${tookMs} ms`);
    },
  );

  for (const user of ["0", "1234"]) {
    await t.test(`as user ${user} it finds itself as well`, async () => {
      const name = `user-${user}`;
      await run(name, "--tmpfs=/run", `--user=${user}`);
      await healthy(name);
      await docker("rm", "-f", name);
    });
  }

  await t.test("deploy/compose.yaml: two, five, two while requests flow, and none fails", (t) =>
    playScaling(t, engine, built),
  );
});
