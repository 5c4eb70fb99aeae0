import assert from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { chromium, type Page } from "playwright-core";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { startSidekick } from "./sidekick.ts";

type Settings = Parameters<Awaited<ReturnType<typeof chromium.launch>>["newContext"]>[0];

const hostile = "<img src=x onerror=alert(1)>";

test("a browser shows the page as the agent sees it, and that it is out of date", async (t) => {
  const folder = await throwAwayFolder(t);
  const services = join(folder, "keys/services/web");
  await mkdir(services, { recursive: true });
  const put = (name: string, value: unknown) =>
    writeFile(join(services, name), JSON.stringify(value));
  await put("10.0.0.1:80", { host: "10.0.0.1", port: 80 });
  await put("10.0.0.2:80", { host: "10.0.0.2", port: 80, weight: hostile });
  await writeFile(
    join(folder, "t.hbs"),
    "{{#each services}}{{#each instances}}server {{address}};\n{{/each}}{{/each}}",
  );
  const port = await freePort();
  await writeFile(
    join(folder, "sidekick.yaml"),
    `keyspace: file:./keys
watch: { templates: [{ source: ./t.hbs, target: ./out.conf }] }
status: { listen: "127.0.0.1:${port}", page: true }
`,
  );
  const options = { cwd: folder, env: { RUNTIME_DIRECTORY: join(folder, "run") } };
  const begin = () => startSidekick(t, ["watch", "-c", "sidekick.yaml"], options);
  let running = begin();
  const url = `http://127.0.0.1:${port}/`;
  await eventually("it is there", async () => {
    const answer = await fetch(url).catch(() => undefined);
    return (await answer?.text())?.includes("10.0.0.1:80");
  });

  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  t.after(() => browser.close());
  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  const problems: string[] = [];
  const open = async (settings: Settings): Promise<Page> => {
    const page = await (await browser.newContext(settings)).newPage();
    page.on("console", (one) => void (one.type() === "error" && problems.push(one.text())));
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("dialog", (dialog) => problems.push(dialog.message()));
    await page.goto(url);
    return page;
  };
  const has = (page: Page, text: string) => page.getByText(text).first().waitFor();

  for (const colorScheme of ["light", "dark"] as const) {
    const page = await open({ colorScheme });
    const violations = await page.evaluate(
      `${axe}; axe.run().then(({ violations }) => violations.map(({ id }) => id))`,
    );
    assert.deepEqual(violations, [], colorScheme);
    await page.close();
  }

  const plain = await open({ javaScriptEnabled: false });
  assert.equal(await plain.locator("button").first().isVisible(), false);
  assert.match((await plain.locator("h1").textContent()) ?? "", /quarantined/);
  assert.equal(await plain.locator("table.files tbody tr").count(), 1);
  await has(plain, hostile);
  await plain.close();

  const isWide = "document.documentElement.scrollWidth > innerWidth";
  const wide = await open({ viewport: { width: 1600, height: 900 }, reducedMotion: "reduce" });
  await has(wide, "Live. Last heard");
  assert.equal(await wide.evaluate(isWide), false);
  const boxes = ["#services", "#changes"].map((one) => wide.locator(one).boundingBox());
  const [left, right] = await Promise.all(boxes);
  assert.ok(left && right && right.x >= left.x + left.width, "changes stand beside instances");
  const lively = await open({});
  await has(lively, "Live. Last heard");
  for (const one of [wide, lively]) await one.evaluate(countAnimations);
  await put("10.0.0.9:80", { host: "10.0.0.9", port: 80 });
  for (const one of [wide, lively]) await has(one, "10.0.0.9:80");
  await lively.waitForFunction(() => (globalThis as { animations?: number }).animations);
  assert.equal(await wide.evaluate("animations"), 0);
  await wide.close();

  await lively.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await lively.locator('button[data-copy="sidekick history"]').click();
  await lively.getByText("Copied").waitFor();
  assert.equal(await lively.evaluate("navigator.clipboard.readText()"), "sidekick history");

  await lively.emulateMedia({ forcedColors: "active" });
  const mark = ".state.bad > .mark, .names li";
  const shapes = await lively.evaluate<string[]>(coloursOf(mark));
  assert.ok(shapes.length > 1);
  for (const colour of shapes) assert.notEqual(colour, "rgb(255, 255, 255)", "a shape is not seen");
  await lively.emulateMedia({ forcedColors: "none", media: "print", colorScheme: "dark" });
  const printed = "getComputedStyle(document.querySelector('h1')).color";
  assert.equal(await lively.evaluate(printed), "rgb(27, 36, 48)", "dark on white");
  await lively.locator("details[data-diff] summary").first().click();
  await lively.setViewportSize({ width: 320, height: 800 });
  const diff = lively.locator("pre").first();
  await diff.waitFor();
  const isCut = await diff.evaluate(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth);
  assert.equal(isCut, false, "a printed line is cut");
  await lively.close();

  const page = await open({ viewport: { width: 360, height: 800 } });
  await has(page, "Live. Last heard");
  await has(page, hostile);
  assert.equal(await page.locator("img").count(), 0);
  assert.equal(await page.evaluate(isWide), false);
  await put("10.0.0.3:80", { host: "10.0.0.3", port: 80 });
  await has(page, "10.0.0.3:80");
  const generation = page.locator("details[data-diff]", { hasText: "10.0.0.3:80" });
  await generation.locator("summary").focus();
  await page.keyboard.press("Enter");
  const shown = await generation.locator("pre").textContent();
  assert.match(shown ?? "", /^\+server 10\.0\.0\.3:80;$/m);
  await rm(join(services, "10.0.0.2:80"));
  await page.locator(".verdict.good").waitFor();
  assert.deepEqual(problems, []);

  await page.clock.install();
  process.kill(running.pid, "SIGSTOP");
  await page.clock.fastForward(30_000);
  await page.locator("body.stale").waitFor();
  await has(page, "out of date");
  process.kill(running.pid, "SIGCONT");
  await running.stop("SIGKILL");
  await put("10.0.0.4:80", { host: "10.0.0.4", port: 80 });
  running = begin();
  await eventually("the page is connected again", async () => {
    await page.clock.fastForward(1000);
    return (await page.getByText("10.0.0.4:80").count()) > 0;
  });
  assert.equal(await page.locator("body.stale").count(), 0);

  // More than there may be connections: some are closed before they are answered.
  const reading = Array.from({ length: 70 }, () => fetch(`${url}events`).catch(() => undefined));
  const readers = await Promise.all(reading);
  assert.ok(readers.filter((one) => one?.status === 200).length > 16);
  for (const path of ["healthz", "readyz", "metrics", ""]) {
    assert.equal((await fetch(url + path)).status, 200, path);
  }
  for (const one of readers) await one?.body?.cancel().catch(() => {});
});

/** Counts the animations that begin from now on. */
const countAnimations = `
  globalThis.animations = 0;
  addEventListener("animationstart", () => void (globalThis.animations += 1));
`;

/** The colours of the shapes that a selector finds. */
const coloursOf = (selector: string) => `
  [...document.querySelectorAll(${JSON.stringify(selector)})].map((one) => {
    const shape = one.localName === "li" ? getComputedStyle(one, "::before") : getComputedStyle(one);
    return shape.backgroundColor;
  })
`;
