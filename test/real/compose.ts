import assert from "node:assert/strict";
import { Agent } from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fetchOnce, keepRequesting } from "../support/http.ts";
import { eventsIn } from "../support/log-events.ts";
import { onFailure } from "../support/on-failure.ts";
import { eventually, freePort, outputOf } from "../support/process.ts";
import { root } from "../support/sources.ts";
import type { DockerEngine } from "./docker-engine.ts";
import { type Built, makeImage } from "./images.ts";

/** The images of the files for compose, by their variables. */
export type Images = Readonly<Record<string, string>>;

/** Scales the application from two to five and back under load. Rejects if a request fails. */
export async function playScaling(
  t: TestContext,
  engine: DockerEngine,
  images: Images,
): Promise<void> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const env = { ...images, LISTEN: `127.0.0.1:${port}`, DOCKER_SOCKET: engine.socket };
  const compose = composing(t, engine, "deploy/compose.yaml", env);
  const scale = (count: number) => compose("up", "-d", "--no-build", "--scale", `web=${count}`);
  /** The instances that answer a series of requests, sorted. */
  const answering = async (count: number) => {
    const names = new Set<string>();
    for (let i = 0; i < count; i += 1) {
      const { status, body } = await fetchOnce(url);
      names.add(status === 200 ? body : String(status));
    }
    return [...names].sort();
  };
  const all = async () => {
    const names = await compose("ps", "-q", "web");
    return names
      .split("\n")
      .filter(Boolean)
      .map((id) => id.slice(0, 12))
      .sort();
  };
  const becomeServing = (names: readonly string[]) =>
    eventually(
      `${names.length} instances answer`,
      async () => String(await answering(names.length * 2)) === String(names),
    );

  await scale(2);
  await becomeServing(await all());

  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  t.after(() => agent.destroy());
  // No client or proxy repeats a POST that was sent.
  const post = keepRequesting(url, { method: "POST" });
  const kept = keepRequesting(url, { method: "POST", agent });
  for (const [from, to] of [
    [2, 5],
    [5, 2],
  ] as const) {
    const startMs = performance.now();
    await scale(to);
    const doneMs = performance.now();
    await becomeServing(await all());
    const [took, then] = [doneMs - startMs, performance.now() - doneMs].map(Math.round);
    t.diagnostic(`${from} → ${to}: ${took} ms, all of them serving ${then} ms later`);
  }
  const failures = [...(await post.stop()), ...(await kept.stop())];
  const answered = post.answered() + kept.answered();
  t.diagnostic(
    `requests: ${answered + failures.length} sent, ${answered} answered, ${failures.length} failed`,
  );
  assert.deepEqual(failures, []);
}

/** Runs an application with sidekick as the command of its container, and stops it. Rejects if the order of the stop is another one. */
export async function playExec(
  t: TestContext,
  { engine, images, built }: { engine: DockerEngine; images: Images; built: Built },
): Promise<void> {
  // What the Dockerfile is built on: the images of the registry and of the checkout.
  await engine.docker("tag", built.base, "node:24-bookworm-slim");
  await engine.docker("tag", built.image, "sidekick");
  const compose = composing(t, engine, "deploy/exec/compose.yaml", images);
  await compose("up", "-d", "--build");
  const container = await engine.docker("ps", "-q", "--filter=ancestor=web-exec");
  await eventually("the application is registered", async () =>
    (await engine.docker("exec", container, "sidekick", "status", "--ready")).includes("1 of 1"),
  );
  await compose("stop", "web");
  const seen = eventsIn(await engine.logs(container)).map(({ event }) => event);
  const order = ["drain_started", "drain_ended", "program_stopped", "stopped"];
  assert.deepEqual(
    seen.filter((event) => order.includes(event)),
    order,
  );
}

/** docker-compose with a file of the checkout. Its logs are shown if the test fails. */
function composing(t: TestContext, engine: DockerEngine, file: string, images: Images) {
  const project = file.replaceAll(/\W/g, "");
  const env = { ...images, DOCKER_HOST: `unix://${engine.socket}`, COMPOSE_PROJECT_NAME: project };
  const compose = async (...args: string[]) =>
    await outputOf(["docker-compose", "-f", join(root, file), ...args], { env });
  onFailure(t, () => compose("logs", "--no-color"));
  return compose;
}

/** Builds the images from programs of this machine. */
export async function makeImages(engine: DockerEngine, { image, base }: Built): Promise<Images> {
  await makeImage(engine, "etcd:test", { programs: { "/usr/local/bin/etcd": "/usr/bin/etcd" } });
  await makeImage(engine, "haproxy:test", {
    programs: { "/usr/local/bin/haproxy": "/usr/sbin/haproxy" },
    changes: ["USER 99:99"],
  });
  return {
    ...{ SIDEKICK_IMAGE: image, NODE_IMAGE: base },
    ...{ ETCD_IMAGE: "etcd:test", HAPROXY_IMAGE: "haproxy:test" },
  };
}
