/** Entries of which the keys and values alone show that a proxy would not take them: the good ones are served. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { never } from "../../lib/base/signal.ts";
import { watchSchema } from "../../lib/config/watch-schema.ts";
import type { Entry } from "../../lib/model/entry.ts";
import { Snapshot } from "../../lib/model/snapshot.ts";
import { TemplateFile } from "../../lib/render/template-file.ts";
import { unlimited } from "../../lib/view/limits.ts";
import { allQuarantined, emptyPools, pools } from "../../lib/view/pools.ts";
import { fetchOnce } from "../support/http.ts";
import { listen } from "../support/listen.ts";
import { freePort, throwAwayFolder } from "../support/process.ts";
import { startNginx } from "./nginx.ts";

const shipped = new URL("../../templates", import.meta.url).pathname;

type Pairs = Readonly<Record<string, string>>;

const instance = (port: number, labels: Pairs = {}, more: object = {}) =>
  JSON.stringify({ host: "127.0.0.1", port, labels, ...more });

/** Entries that are served, whatever is beside them. */
const good: Pairs = {
  "/services/db/127.0.0.1:1001": instance(1001, { listen: "127.0.0.1:24190" }),
  "/services/db/127.0.0.1:1002": instance(1002, { listen: "127.0.0.1:24190" }),
  "/services/web/127.0.0.1:1003": instance(1003, { listen: "24191" }),
};

/** Entries beside the good ones, and a part of the reason for each that is quarantined. */
const odd: Readonly<Record<string, readonly [Pairs, ...RegExp[]]>> = {
  "hosts that are none": [
    Object.fromEntries(
      ["a..b", "a..c", "256.0.0.1", "10.0.0.01", "127.1", "0x7f.0.0.1", "x".repeat(64)].map(
        (host) => [`/services/web/${host}`, `${host}:80`],
      ),
    ),
    ...Array.from({ length: 7 }, () => /^its host is/),
  ],
  "IPv6 zones": [
    { "/services/web/a": '{"host":"fe80::1%eth0","port":80}' },
    /expected an IPv6 address without a zone/,
  ],
  "services that differ in case only": [
    {
      "/services/Web/a": instance(2001, { listen: "24192" }),
      "/services/WEB/a": instance(2002, { listen: "24193" }),
      "/services/wEB/a": instance(2003, { listen: "24194" }),
    },
  ],
  "names that are too long": [
    {
      [`/services/${"x".repeat(4200)}/a`]: instance(2001),
      [`/services/${"y".repeat(253)}/a`]: instance(2002, { listen: "24192" }),
      [`/services/web/${"z".repeat(4200)}`]: instance(2003),
    },
    /^the service name has 4200 characters/,
    /^the instance id has 4200 characters/,
  ],
  "an address that another entry has": [
    { "/services/web/!": instance(1003, {}, { weight: 0 }) },
    /^its address 127.0.0.1:1003 is that of \/services\/web\/127.0.0.1:1003, which is served/,
  ],
};

/** Writes a file of a shipped template. Resolves with it, its environment, and why entries are quarantined. */
async function render(template: string, pairs: Pairs, t: TestContext, limits = unlimited) {
  const folder = await throwAwayFolder(t);
  const target = { path: join(folder, template.replace(".hbs", "")) };
  const vars = {
    PROXY_LISTEN: `127.0.0.1:${await freePort()}`,
    HAPROXY_SOCKET: join(folder, "admin.sock"),
    NGINX_PID: join(folder, "nginx.pid"),
    NGINX_ERROR_LOG: join(folder, "error.log"),
    NGINX_CONTROL: `unix:${join(folder, "control.sock")}`,
  };
  const format = template.startsWith("haproxy") ? "haproxy" : "nginx";
  const file = await TemplateFile.open(
    { name: template, source: join(shipped, template), prefixes: ["/services"], format, target },
    { env: vars, resolver: { lookup: async () => [], resolveSrv: async () => [] }, shipped },
  );
  const entries = new Map(
    Object.entries(pairs).map(([key, value]): [string, Entry] => [
      key,
      { key, value, revision: "1" },
    ]),
  );
  const snapshot = Snapshot.empty.after({ kind: "reset", revision: "1", entries });
  const found = pools(emptyPools("/services", limits), snapshot);
  const { text, quarantined } = await file.render(
    { snapshot, services: [...found.byName.values()] },
    never,
  );
  await writeFile(target.path, text);
  const reasons = [...allQuarantined(found), ...quarantined].map(({ why }) => why);
  return { text, reasons, path: target.path, vars };
}

/** Throws with the output of the program if it rejects the file. */
const checks: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  "haproxy.cfg.hbs": (path) => promisify(execFile)("haproxy", ["-c", "-f", path]),
  "nginx-live.conf.hbs": (path) => promisify(execFile)("nginx", ["-t", "-c", path]),
  "nginx.conf.hbs": (path) => promisify(execFile)("nginx", ["-t", "-c", path]),
  "nginx-stream.conf.hbs": (path) => promisify(execFile)("nginx", ["-t", "-c", path]),
};

for (const [template, check] of Object.entries(checks)) {
  for (const [what, [pairs, ...expected]] of Object.entries(odd)) {
    test(`${template}: ${what}`, async (t) => {
      const { text, reasons, path } = await render(template, { ...good, ...pairs }, t);
      await check(path);
      for (const port of [1001, 1002, 1003]) assert.match(text, new RegExp(`127.0.0.1:${port} `));
      assert.doesNotMatch(text, /127.0.0.1:1003 (weight 0|down)/);
      assert.equal(reasons.length, expected.length, reasons.join("\n"));
      for (const reason of expected)
        assert.ok(
          reasons.some((one) => reason.test(one)),
          `${reason}`,
        );
    });
  }
}

const { limits } = watchSchema.parse({ templates: [{ source: "a", target: "b" }] });

/** Six times the default time limit of a check command, since other tests run at the same time. */
const generousMs = 60_000;

const many = (count: number, keyOf: (i: number) => string, labels: (i: number) => Pairs) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => {
      const host = `127.${(i >> 16) + 1}.${(i >> 8) & 255}.${i & 255}`;
      return [keyOf(i), JSON.stringify({ host, port: 80, labels: labels(i) })];
    }),
  );

const crowds: Readonly<Record<string, Pairs>> = {
  "30 000 services": many(
    30_000,
    (i) => `/services/s${i}/a`,
    (i) => ({ listen: `127.0.1.${1 + (i % 200)}:${20_000 + Math.floor(i / 200)}` }),
  ),
  "100 000 instances of one service": many(
    100_000,
    (i) => `/services/crowd/a${i}`,
    () => ({ listen: "127.0.0.1:24192" }),
  ),
};

for (const [template, check] of Object.entries(checks)) {
  // Its limits are those of nginx.conf.hbs.
  if (template === "nginx-live.conf.hbs") continue;
  for (const [what, pairs] of Object.entries(crowds)) {
    test(`${template}: of ${what} as many are served as can be checked in time`, async (t) => {
      const { text, reasons, path } = await render(template, { ...good, ...pairs }, t, limits);
      const servers = text.match(/127\.\d+\.\d+\.\d+:80 /g)?.length ?? 0;
      assert.ok(servers > 4000 && servers <= limits.instances, String(servers));
      assert.match(
        reasons.join("\n"),
        /^\d+ of its \d+ (services|instances), such as .* are beyond watch\.limits/,
      );
      const startMs = performance.now();
      await check(path);
      assert.ok(performance.now() - startMs < generousMs);
    });
  }
}

/** The label of a service beside `db` and `web`, and the reason why it is quarantined; none if both are served. */
const listens: readonly [listen: string, reason?: RegExp][] = [
  ["24190 nonsense", /^its label listen is "24190 nonsense": expected a port such as 5432/],
  ["24190; } evil {", /^its label listen is|^its label "listen" is/],
  ["localhost:24190", /^its label listen is "localhost:24190"/],
  ["0", /^its label listen is "0"/],
  ["53 UDP", /^its label listen is "53 UDP"/],
  ["65536", /^its label listen is "65536"/],
  ["256.0.0.1:24190", /^its label listen is/],
  ["127.0.0.1:24190", /^its label listen is 127.0.0.1:24190: the service db listens there$/],
  ["*:24190"],
  ["127.0.0.1:24190 udp"],
  ["[::1]:24190"],
  ["0.0.0.0:24192"],
];

for (const [label, reason] of listens) {
  test(`nginx-stream.conf.hbs: the label listen ${JSON.stringify(label)} of another service`, async (t) => {
    const evil = Object.fromEntries(
      [1, 2, 3, 4, 5].map((id) => [`/services/evil/${id}`, instance(2000 + id, { listen: label })]),
    );
    const { text, reasons, path } = await render("nginx-stream.conf.hbs", { ...good, ...evil }, t);
    await checks["nginx-stream.conf.hbs"]?.(path);
    assert.match(text, /listen 127.0.0.1:24190;\n *proxy_pass db;/);
    assert.match(text, /listen 24191;\n *proxy_pass web;/);
    assert.equal(text.includes("evil"), reason === undefined);
    if (reason) assert.match(reasons[0] ?? "", reason);
    else assert.deepEqual(reasons, []);
  });
}

test("nginx serves services whose names differ in case only, each by its own servers", async (t) => {
  const serverOf = async (name: string) =>
    instance(
      await listen(
        t,
        createServer((_, response) => response.end(name)),
      ),
    );
  const names = ["web", "Web", "WEB", "a:b", "A:b"];
  const pairs: Record<string, string> = {};
  for (const name of names) pairs[`/services/${name}/1`] = await serverOf(name);
  const { path, vars } = await render("nginx.conf.hbs", pairs, t);
  await startNginx(t, { config: path, pidFile: vars.NGINX_PID });
  for (const name of names) {
    const { body } = await fetchOnce(`http://${vars.PROXY_LISTEN}/${name}/x`);
    assert.equal(body, name);
  }
});
