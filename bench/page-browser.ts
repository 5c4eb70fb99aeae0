/**
 * How long a real browser takes to show 5000 instances in 200 services, and a change of one of them, beside a page with a single
 * line. The pages are loaded alternately, so that all have the same machine.
 *
 * npm run bench:page
 */
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { chromium, type Page } from "playwright-core";
import { startEtcd } from "../test/real/etcd.ts";
import { main } from "../test/real/sidekick.ts";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { eventually, freePort, start, throwAwayFolder } from "../test/support/process.ts";
import { bareEtcd } from "./bare-etcd.ts";
import { preciseCpuMs } from "./cost.ts";
import { median } from "./figures.ts";

const [services, ofEach, rounds] = [200, 25, 9];

await using scope = new CleanupScope();
const folder = await throwAwayFolder(scope);
const etcd = await startEtcd(scope);
const bare = bareEtcd(etcd.endpoint);
scope.after(() => bare.close());
const entryOf = (service: number, i: number, other = {}): [string, string] => {
  const host = `10.${service}.0.${i}`;
  const key = `/services/service-${String(service).padStart(3, "0")}/${host}:80`;
  return [key, JSON.stringify({ host, port: 80, ...other })];
};
await bare.fill(
  Array.from({ length: services * ofEach }, (_, n) => entryOf(Math.floor(n / ofEach), n % ofEach)),
);

const port = await freePort();
const template = "{{#each services}}{{#each instances}}{{address}} {{weight}}\n{{/each}}{{/each}}";
await writeFile(join(folder, "t.hbs"), template);
await writeFile(
  join(folder, "sidekick.yaml"),
  `keyspace: ${etcd.url}
log: error
watch: { templates: [{ source: ./t.hbs, target: ./out.conf }] }
status: { listen: "127.0.0.1:${port}", page: true, socket: ./s }
`,
);
const agent = start(scope, [...main, "watch", "-c", "sidekick.yaml"], {
  cwd: folder,
  env: { STATE_DIRECTORY: folder },
});
const url = `http://127.0.0.1:${port}/`;
await eventually("the page shows all", async () => {
  const answer = await fetch(url, { headers: { accept: "text/html" } }).catch(() => undefined);
  return (await answer?.text())?.includes(`service-${services - 1}`);
});

const empty = createServer((_, response) => {
  response.setHeader("content-type", "text/html");
  response.end("<!doctype html><title>empty</title><main><h1>Empty</h1></main>");
});
const emptyPort = await freePort();
await new Promise<void>((listens) => empty.listen(emptyPort, "127.0.0.1", listens));
scope.after(() => empty.close());

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
scope.after(() => browser.close());

/** Milliseconds since the navigation began. */
interface Loaded {
  readonly firstByte: number;
  readonly firstPaint: number;
  /** All content is laid out, and painted as far as it is in view. */
  readonly visible: number;
  readonly bytes: number;
  readonly nodes: number;
  /** What the process of the agent used for it. */
  readonly agentCpu: number;
}

const observe = `
  window.visible = new Promise((resolve) => {
    addEventListener("DOMContentLoaded", () => requestAnimationFrame(() => setTimeout(() => {
      resolve(performance.now());
    })));
  });
  window.changed = (selector) => new Promise((resolve) => {
    const look = () => {
      if (!document.querySelector(selector)) return requestAnimationFrame(look);
      requestAnimationFrame(() => setTimeout(() => resolve(Date.now())));
    };
    look();
  });
`;

async function open(address: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.addInitScript(observe);
  await page.goto(address, { waitUntil: "commit" });
  return page;
}

async function load(address: string): Promise<Loaded> {
  const before = await preciseCpuMs(agent.pid);
  const page = await open(address);
  const loaded = await page.evaluate<Omit<Loaded, "agentCpu">>(`(async () => {
    const visible = await window.visible;
    while (performance.getEntriesByType("paint").length < 2) await new Promise(requestAnimationFrame);
    const [navigation] = performance.getEntriesByType("navigation");
    return {
      firstByte: navigation.responseStart,
      firstPaint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
      visible,
      bytes: navigation.encodedBodySize,
      nodes: document.getElementsByTagName("*").length,
    };
  })()`);
  const agentCpu = (await preciseCpuMs(agent.pid)) - before;
  await page.context().close();
  return { ...loaded, agentCpu };
}

/** From the put of an entry until a browser that is open has painted its new state, in milliseconds. */
async function change(page: Page, round: number): Promise<number> {
  const service = (round * 37) % services;
  const [key, value] = entryOf(service, 3, { weight: 0 });
  const label = `Instances of service-${String(service).padStart(3, "0")}`;
  const selector = JSON.stringify(`table[aria-label="${label}"] tbody tr`);
  const shown = page.evaluate<number>(`changed(${selector})`);
  await delay(1000);
  const putAt = Date.now();
  await bare.put([key, value]);
  return (await shown) - putAt;
}

const emptyUrl = `http://127.0.0.1:${emptyPort}/`;
const pages = { empty: emptyUrl, "5000": url };
const loads: Record<keyof typeof pages, Loaded[]> = { empty: [], "5000": [] };
for (let round = 0; round < rounds; round += 1) {
  for (const name of ["empty", "5000"] as const) loads[name].push(await load(pages[name]));
}
console.log("page    first byte  first paint  all visible  agent's CPU      bytes  elements");
const of = (name: keyof typeof pages, field: keyof Loaded) =>
  median(loads[name].map((one) => one[field]));
for (const name of ["empty", "5000"] as const) {
  const [firstByte, firstPaint, visible, agentCpu, bytes, nodes] = (
    ["firstByte", "firstPaint", "visible", "agentCpu", "bytes", "nodes"] as const
  ).map((field) => of(name, field).toFixed(0));
  console.log(
    `${name.padEnd(6)} ${`${firstByte} ms`.padStart(11)} ${`${firstPaint} ms`.padStart(12)} ` +
      `${`${visible} ms`.padStart(12)} ${`${agentCpu} ms`.padStart(12)} ${bytes?.padStart(10)} ${nodes?.padStart(9)}`,
  );
}
const ratio = of("5000", "visible") / of("empty", "visible");
console.log(`all visible: ${ratio.toFixed(1)} times the empty page`);

const page = await open(url);
await page.getByText("Live. Last heard").waitFor();
const took: number[] = [];
for (let round = 0; round < rounds; round += 1) took.push(await change(page, round));
console.log(
  `change: painted ${median(took)} ms after its put (${Math.min(...took)}-${Math.max(...took)})`,
);
