import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { lookupLimitMs } from "../../lib/clients/dns/limits.ts";
import { events } from "../support/log-events.ts";
import { eventually, isWithin } from "../support/process.ts";
import { badNames, goodNames, namesScene } from "./names-scene.ts";

/** The time for a start, a check and a reload on a busy machine, beside that of a lookup, in milliseconds. */
const besideMs = 15_000;

for (const kind of ["haproxy", "nginx"] as const) {
  test(`${kind}: a name that DNS never answers delays only itself, and is back once DNS answers`, async (t) => {
    const { dns, put, watch, startProxy, has, answers, app, status } = await namesScene(t, kind);
    dns.names.set("good.test", ["127.0.0.1"]);
    dns.names.set("dead.test", "silent");
    const startMs = performance.now();
    await put({ dead: "dead.test:81", good: `good.test:${app.port}`, ip: "127.0.0.2:82" });
    const watching = watch();
    await has([`127.0.0.1:${app.port}`, "127.0.0.2:82"], [":81"]);
    const tookMs = performance.now() - startMs;
    assert.ok(isWithin(tookMs, lookupLimitMs + besideMs), `written after ${tookMs} ms`);
    await startProxy();
    await answers();
    const why =
      /services\/web\/dead \(revision [^)]*\).*host dead\.test cannot be resolved: no name server answered in time/;
    await eventually("it is logged", () => why.test(watching.output()));
    assert.match(await status(), why);

    await put({ later: "127.0.0.3:83" });
    await has(["127.0.0.3:83"], [":81"]);
    dns.names.set("dead.test", ["127.0.0.9"]);
    await has(["127.0.0.9:81"]);
    await eventually("its quarantine has ended", () =>
      events(watching).some(({ event, key }) => {
        return event === "quarantine_ended" && key === "/services/web/dead";
      }),
    );
    await eventually("status is healthy", async () => / is healthy\b/.test(await status()));
  });

  test(`${kind}: 21 names without an address among 120 entries cost one check`, async (t) => {
    const { dns, put, watch, startProxy, has, answers, app, checks } = await namesScene(t, kind);
    const good = goodNames(dns, 98, 8080);
    await put({ ...good.entries, ...badNames(dns, 21, 8080), app: `127.0.0.1:${app.port}` });
    watch();
    await has([...good.addresses, `127.0.0.1:${app.port}`], [".test"]);
    await startProxy();
    await answers();
    assert.equal(await checks(), 1);
  });

  for (const outage of ["silent", "SERVFAIL"] as const) {
    test(`${kind}: nothing leaves the file while DNS is down (${outage}), and other changes are applied`, async (t) => {
      const { dns, put, watch, startProxy, has, answers, app, file, text, status } =
        await namesScene(t, kind);
      dns.names.set("one.test", ["127.0.0.1"]);
      dns.names.set("two.test", ["127.0.0.2", "127.0.0.3"]);
      await put({ one: `one.test:${app.port}`, two: "two.test:82" });
      const names = [`127.0.0.1:${app.port}`, "127.0.0.2:82", "127.0.0.3:82"];
      const first = watch();
      await has(names);
      await startProxy();
      await answers();
      await eventually("it is applied", () =>
        events(first).some(({ event }) => event === "applied"),
      );

      dns.outage = outage;
      await put({ ip: "127.0.0.4:84" });
      await has([...names, "127.0.0.4:84"]);
      // The addresses are known after a restart, too; the new process has to look all of them up.
      await eventually("the names are saved", async () =>
        (await readFile(file("snapshot.names"), "utf8")).includes("two.test"),
      );
      await first.stop();
      const second = watch();
      await put({ other: "127.0.0.5:85", fresh: "fresh.test:86" });
      await has([...names, "127.0.0.4:84", "127.0.0.5:85"], [":86"]);
      const kept = /(one|two)\.test.* cannot be resolved: .*; the last known addresses are kept/;
      await eventually("it is logged", () => kept.test(second.output()));
      await eventually("status reports it", async () => /cannot be resolved/.test(await status()));
      for (const name of names) assert.ok((await text()).includes(name), name);
      await answers();

      dns.outage = undefined;
      dns.names.set("fresh.test", ["127.0.0.6"]);
      dns.names.set("two.test", ["127.0.0.7"]);
      await has(["127.0.0.6:86", "127.0.0.7:82"], ["127.0.0.2:82", "127.0.0.3:82"]);
      await eventually("it has recovered", async () => / is healthy\b/.test(await status()));
    });
  }

  test(`${kind}: 500 names without an answer beside 500 good ones`, async (t) => {
    const { dns, put, watch, startProxy, has, answers, app } = await namesScene(t, kind);
    const good = goodNames(dns, 499, 8080);
    await put({ ...good.entries, app: `127.0.0.1:${app.port}` });
    const dead = Array.from({ length: 500 }, (_, i) => `dead${i}.test`);
    for (const name of dead) dns.names.set(name, "silent");
    await put(Object.fromEntries(dead.map((name) => [name, `${name}:8080`])));
    const startMs = performance.now();
    watch();
    await has([...good.addresses, `127.0.0.1:${app.port}`], [".test"]);
    const tookMs = performance.now() - startMs;
    t.diagnostic(`500 of 1000 written after ${Math.round(tookMs)} ms`);
    assert.ok(isWithin(tookMs, lookupLimitMs + besideMs), `written after ${tookMs} ms`);
    await startProxy();
    await answers();
  });
}

test("a template that writes names has no name that would make the check command wait", async (t) => {
  const template = `pid {{getenv "NGINX_PID"}};
error_log {{getenv "NGINX_ERROR_LOG"}};
events {}
http {
  upstream web { {{#each (getvs "/services/web/*")}}server {{this}};{{/each}} }
  server { listen {{getenv "PROXY_LISTEN"}}; location / { proxy_pass http://web; } }
}
`;
  const { dns, put, watch, has, checks } = await namesScene(t, "nginx", { template });
  dns.names.set("good.test", ["127.0.0.1"]);
  dns.names.set("half.test", { onlyIPv4: "127.0.0.1" });
  dns.names.set("short.corp.test", ["127.0.0.1"]);
  dns.names.set("slow.test", { afterMs: 4000, addresses: ["127.0.0.1"] });
  await put({ good: "good.test:80", half: "half.test:80", slow: "slow.test:80", no: "no.test:80" });
  await put({ short: "short:80", host: "localhost:80" });
  watch();
  const all = ["server good.test:80;", "server short:80;", "server localhost:80;"];
  await has(all, ["half.test", "slow.test", "no.test"]);
  assert.equal(await checks(), 1);
});

test("lookupIP of a name that is never answered leaves out its item within the time of a lookup", async (t) => {
  const item = '{{this}}={{join (lookupIP this) ","}};';
  const template = `# {{#each (getvs "/services/web/*")}}${item}{{/each}}\nevents {}\n`;
  const { dns, put, watch, has } = await namesScene(t, "nginx", { template });
  dns.names.set("good.test", ["127.0.0.1", "127.0.0.2"]);
  const dead = Array.from({ length: 20 }, (_, i) => `dead${i}.test`);
  for (const name of dead) dns.names.set(name, "silent");
  await put({ good: "good.test" });
  await put(Object.fromEntries(dead.map((name) => [name, name])));
  for (let i = 0; i < 25; i += 1) await put({ [`local${i}`]: "localhost" });
  const startMs = performance.now();
  watch();
  await has(["good.test=127.0.0.1,127.0.0.2;"], ["dead"]);
  const tookMs = performance.now() - startMs;
  assert.ok(isWithin(tookMs, lookupLimitMs + besideMs), `written after ${tookMs} ms`);
});
