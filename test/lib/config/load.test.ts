import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { loadConfig } from "../../../lib/config/load.ts";
import { throwAwayFolder } from "../../support/process.ts";
import { planFrom } from "./problems-of.ts";

const environment = { env: {}, hostName: "web-1" };

const full = `
keyspace: etcd://127.0.0.1:2379
log: debug
presence:
  ttl: 30s
  shutdownTimeout: 1.5s
  prefix: services/
  format: address
  name: other
  services:
    - name: web
      host: 10.0.0.1
      port: 80
      weight: 10
      checks: [{ type: tcp, interval: 2s }]
watch:
  services: /services
  settle: { quiet: 10ms, atMost: 2s }
  retry: { first: 1s, atMost: 1m }
  templates:
    - source: haproxy.cfg.hbs
      target: ./out/haproxy.cfg
      prefixes: [services, /config/]
      mode: "0600"
      check: { run: [haproxy, -c, -f, "{candidate}"], timeout: 3s }
      proxy: { type: haproxy, master: run/master.sock }
`;

test("a service's guard inherits the rules that it leaves out", () => {
  const { guard, snapshotCache } =
    planFrom(`watch:
  guard: { maxLoss: 20.5%, retain: 1m, services: { web: { min: 2 }, api: { retain: 0s, keepEmpty: true } } }
  snapshotCache: state/known
  templates: [{ source: a, target: b }]`).watch ?? {};
  const all = { maxLoss: 0.205, min: 0, retainMs: 60_000, keepEmpty: false };
  const services = { web: { ...all, min: 2 }, api: { ...all, retainMs: 0, keepEmpty: true } };
  assert.deepEqual(guard, { all, services });
  assert.equal(snapshotCache, "/etc/sidekick/state/known");
  const usual = planFrom(
    "watch: { snapshotCache: false, templates: [{ source: a, target: b }] }",
  ).watch;
  assert.equal(usual?.snapshotCache, false);
  const preset = { maxLoss: 0.5, min: 0, retainMs: 30_000, keepEmpty: false };
  assert.deepEqual(usual?.guard, { all: preset, services: {} });
});

test("limits that are left out have a default", () => {
  const limits = (text: string) =>
    planFrom(`watch: { ${text}templates: [{ source: a, target: b }] }`).watch?.limits;
  const preset = { services: 5000, instances: 10_000, value: 65_536 };
  assert.deepEqual(limits(""), preset);
  assert.deepEqual(limits("limits: { instances: 7 }, "), { ...preset, instances: 7 });
});

test("a plan has durations in milliseconds, absolute paths and folders in one form", () => {
  const plan = planFrom(full);
  const { proxy, ...template } = plan.watch?.templates[0] ?? {};
  assert.equal(plan.log, "debug");
  assert.equal(plan.keyspace.url, "etcd://127.0.0.1:2379");
  assert.deepEqual(
    { ...plan.presence, services: plan.presence?.services.length },
    {
      ttlMs: 30_000,
      shutdownTimeoutMs: 1500,
      drainDelayMs: 750,
      prefix: "/services",
      format: "address",
      name: "other",
      services: 1,
    },
  );
  assert.equal(plan.presence?.services[0]?.checks[0]?.interval, 2000);
  assert.deepEqual(plan.watch?.settle, { quietMs: 10, atMostMs: 2000 });
  assert.deepEqual(plan.watch?.retry, { firstMs: 1000, maxMs: 60_000 });
  assert.deepEqual(template, {
    name: "haproxy.cfg.hbs",
    source: "/etc/sidekick/haproxy.cfg.hbs",
    target: {
      path: "/etc/sidekick/out/haproxy.cfg",
      mode: 0o600,
      check: { run: ["haproxy", "-c", "-f", "{candidate}"], timeout: 3000 },
    },
    prefixes: ["/services", "/config"],
    format: "haproxy",
  });
  assert.deepEqual(proxy, {
    type: "haproxy",
    master: "/etc/sidekick/run/master.sock",
    minInterval: 0,
    timeout: 30_000,
  });
});

test("settings that are left out have defaults", () => {
  const plan = planFrom(`
presence: { services: [{ name: web, host: 10.0.0.1, port: 80 }] }
watch: { templates: [{ source: a.hbs, target: /etc/app.conf, check: [app, "{candidate}"] }] }
`);
  const { services, ...presence } = plan.presence ?? {};
  const defaults = { prefix: "/services", format: "json", name: "web-1" };
  assert.equal(plan.log, "info");
  assert.equal(plan.keyspace.url, "file:/etc/sidekick/keyspace");
  assert.deepEqual(presence, {
    ttlMs: 10_000,
    shutdownTimeoutMs: 10_000,
    drainDelayMs: 1000,
    ...defaults,
  });
  assert.deepEqual(services?.[0]?.checks, []);
  assert.deepEqual(plan.watch?.settle, { quietMs: 50, atMostMs: 1000 });
  assert.deepEqual(plan.watch?.retry, { firstMs: 500, maxMs: 30_000 });
  const template = plan.watch?.templates[0];
  assert.deepEqual(template?.prefixes, ["/services"]);
  assert.equal(template?.format, "nginx");
  assert.deepEqual(template?.target.check, { run: ["app", "{candidate}"], timeout: 10_000 });
});

test("a template reads the folder of the services unless it has prefixes", () => {
  const plan = planFrom(`
watch:
  services: docker/swarm/
  templates:
    - { source: a, target: b }
    - { source: a, target: c, prefixes: [/services] }
`);
  const prefixes = plan.watch?.templates.map((template) => template.prefixes);
  assert.deepEqual(prefixes, [["/docker/swarm"], ["/services"]]);
});

test("a section that is left out is not in the plan", () => {
  const plan = planFrom("watch: { templates: [{ source: a, target: b }] }");
  assert.equal("presence" in plan, false);
});

test("a plan is deeply frozen", () => {
  const plan = planFrom(full);
  assert.throws(() => Object.assign(plan, { log: "info" }), TypeError);
  assert.throws(() => Object.assign(plan.presence?.services[0] ?? {}, { port: 1 }), TypeError);
});

test("YAML, JSON and TOML yield the same plan", () => {
  const yaml = planFrom("watch: { settle: { quiet: 5ms }, templates: [{ source: a, target: b }] }");
  const json = planFrom(
    '{\n\t"watch": {\n\t\t"settle": { "quiet": "5ms" },\n\t\t"templates": [\n\t\t\t{ "source": "a", "target": "b" }\n\t\t]\n\t}\n}',
    {},
    "json",
  );
  const toml = planFrom(
    '[watch]\nsettle.quiet = "5ms"\n[[watch.templates]]\nsource = "a"\ntarget = "b"\n',
    {},
    "toml",
  );
  assert.deepEqual(json, yaml);
  assert.deepEqual(toml, yaml);
});

test("several files are one configuration, and paths are relative to the file that contains them", async () => {
  const files: Record<string, string> = {
    "/etc/a/one.yaml": "log: warn\nwatch: { templates: [{ source: a.hbs, target: a }] }",
    "/etc/b/two.toml":
      'log = "warn"\n[watch]\ntemplates = [{ source = "b.hbs", target = "b" }]\nsettle.quiet = "1ms"',
  };
  const readFile = async (path: string) => files[path] ?? "";
  const plan = await loadConfig(Object.keys(files), { ...environment, readFile });
  assert.deepEqual(
    plan.watch?.templates.map(({ source, target }) => [source, target.path]),
    [
      ["/etc/a/a.hbs", "/etc/a/a"],
      ["/etc/b/b.hbs", "/etc/b/b"],
    ],
  );
  assert.equal(plan.watch?.settle.quietMs, 1);
  assert.equal(plan.keyspace.url, "file:/etc/a/keyspace");
});

test("a file is read from disk, and a missing one is a fault that names it", async (t) => {
  const folder = await throwAwayFolder(t);
  const file = join(folder, "sidekick.yml");
  await writeFile(file, "watch: { templates: [{ source: a, target: b }] }");
  const plan = await loadConfig([file], environment);
  assert.equal(plan.watch?.templates[0]?.source, join(folder, "a"));
  await assert.rejects(loadConfig([file, join(folder, "none.yaml")], environment), (error) => {
    assert.ok(error instanceof Fault);
    assert.equal(error.code, "CONFIG_UNREADABLE");
    assert.match(error.message, /none\.yaml/);
    return true;
  });
});

test("contradicting files are a problem that names both positions", async () => {
  const readFile = async (path: string) =>
    path === "a.yaml"
      ? "keyspace: etcd://u:secret@a\nwatch:\n  services: /a"
      : "keyspace: etcd://u:other@b\nwatch:\n  services: [x]";
  await assert.rejects(loadConfig(["a.yaml", "b.yaml"], { ...environment, readFile }), {
    code: "CONFIG_INVALID",
    message: [
      "b.yaml:1:11: keyspace is set to another value at a.yaml:1:11: keep one of the two",
      "b.yaml:3:13: watch.services is set to another value at a.yaml:3:13: keep one of the two",
      "a.yaml:3:3: watch.templates is missing: expected a list",
    ].join("\n"),
  });
});

test("roots are joined, and prefixes and the services are below them", () => {
  const { services, templates = [] } =
    planFrom(`watch:
  root: /production/
  services: svc
  templates:
    - { source: a, target: a }
    - { source: b, target: b, root: apps/web, prefixes: [/, config] }
    - { source: c, target: c, root: svc }`).watch ?? {};
  assert.equal(services, "/production/svc");
  assert.deepEqual(
    templates.map(({ root, prefixes }) => ({ root, prefixes })),
    [
      { root: "/production", prefixes: ["/production/svc"] },
      {
        root: "/production/apps/web",
        prefixes: ["/production/apps/web", "/production/apps/web/config"],
      },
      { root: "/production/svc", prefixes: ["/production/svc"] },
    ],
  );
  const [own] =
    planFrom("watch: { templates: [{ source: a, target: b, root: r }] }").watch?.templates ?? [];
  assert.deepEqual(own?.prefixes, ["/r"], "the services are elsewhere");
  const [all] =
    planFrom("watch: { templates: [{ source: a, target: b, prefixes: [/] }] }").watch?.templates ??
    [];
  assert.deepEqual([all?.root, all?.prefixes], [undefined, [""]]);
});

test("sources are below the root of the watcher, and a template sees the ones below its own root", () => {
  const { sources, templates = [] } =
    planFrom(`watch:
  root: /production
  services: false
  sources: { web: apps/web, db: { first: [/apps/db, /legacy/db] } }
  templates:
    - { source: a, target: a }
    - { source: b, target: b, root: apps }`).watch ?? {};
  const folders = Object.values(sources ?? {}).map((one) => one.folders.map(({ path }) => path));
  const web = "/production/apps/web";
  assert.deepEqual(folders, [[web], ["/production/apps/db", "/production/legacy/db"]]);
  assert.deepEqual(
    templates.map(({ prefixes }) => prefixes),
    [
      [web, "/production/apps/db", "/production/legacy/db"],
      [web, "/production/apps/db"],
    ],
  );
});

test("a target has an owner and a group, by name or number", () => {
  const [template] =
    planFrom(
      "watch: { templates: [{ source: a, target: b, owner: haproxy, group: 33, mode: '0640' }] }",
    ).watch?.templates ?? [];
  assert.deepEqual(template?.target, {
    path: "/etc/sidekick/b",
    mode: 0o640,
    owner: "haproxy",
    group: "33",
  });
});
