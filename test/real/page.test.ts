import assert from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { chromium, type Page } from "playwright-core";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { startSidekick } from "./sidekick.ts";

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
  const open = async (settings: Parameters<typeof browser.newContext>[0]): Promise<Page> => {
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
  assert.match((await plain.locator("h1").textContent()) ?? "", /quarantined/);
  assert.equal(await plain.locator("table.files tbody tr").count(), 1);
  await has(plain, hostile);
  await plain.close();

  const page = await open({ viewport: { width: 360, height: 800 } });
  await has(page, "Live. Last heard");
  await has(page, hostile);
  assert.equal(await page.locator("img").count(), 0);
  const isWide = "document.documentElement.scrollWidth > innerWidth";
  assert.equal(await page.evaluate(isWide), false);
  await put("10.0.0.3:80", { host: "10.0.0.3", port: 80 });
  await has(page, "10.0.0.3:80");
  const summary = page.locator('details[data-diff="2"] summary');
  await summary.focus();
  await page.keyboard.press("Enter");
  const shown = await page.locator('details[data-diff="2"] pre').textContent();
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
});
