import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { isOwnHost } from "../../../lib/control/own-host.ts";
import { atAddress, serveHttp } from "../../../lib/control/server.ts";
import type { GenerationTexts } from "../../../lib/journal/contract.ts";
import { faults } from "../../../lib/journal/faults.ts";
import { openPage } from "../../../lib/page/open.ts";
import { fetchOnce } from "../../support/http.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { freePort } from "../../support/process.ts";
import { overviewOf } from "./overviews.ts";

async function served(t: TestContext, texts: (n: number) => Promise<GenerationTexts>) {
  const port = await freePort();
  const deps = { clock: new ManualClock(), random: () => 0.5, hostName: "proxy1" };
  const page = openPage({ overview: async () => overviewOf(3), journal: { texts } }, deps);
  const ending = new AbortController();
  const { promise: listens, resolve } = Promise.withResolvers<void>();
  const options = { onListening: resolve, isOwnHost: (host?: string) => isOwnHost(host, []) };
  const listen = atAddress({ host: "127.0.0.1", port });
  const running = serveHttp(listen, page.routes, options, ending.signal).catch(() => {});
  t.after(() => {
    ending.abort(new Error("stop"));
    return running;
  });
  await listens;
  const url = `http://127.0.0.1:${port}`;
  const ask = (path: string, init: RequestInit = {}) => fetch(url + path, init);
  // fetch() sets the host itself.
  const askAs = (host: string, path: string) => fetchOnce(url + path, { headers: { host } });
  return { ask, askAs };
}

const none = async (n: number) => {
  throw faults.JOURNAL_NO_GENERATION({ n, latest: undefined });
};

test("a browser gets HTML, and other clients text", async (t) => {
  const { ask } = await served(t, none);
  const browser = { headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8" } };
  const html = await ask("/", browser);
  assert.match(html.headers.get("content-type") ?? "", /^text\/html/);
  assert.match(await html.text(), /^<!doctype html>[\s\S]*Everything served is as it should be/);
  for (const headers of [{}, { accept: "*/*" }, { accept: "text/plain" }]) {
    const text = await ask("/", { headers });
    assert.match(text.headers.get("content-type") ?? "", /^text\/plain/);
    assert.match(await text.text(), /^IN SYNC: /);
  }
});

test("each answer of the page has the policy, is read only, and is for the own host", async (t) => {
  const { ask, askAs } = await served(t, none);
  for (const path of ["/", "/page.css", "/page.js", "/events", "/diff?n=1", "/diff"]) {
    const answer = await ask(path, { method: "HEAD" });
    assert.match(
      answer.headers.get("content-security-policy") ?? "",
      /^default-src 'none'; /,
      path,
    );
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.equal(await answer.text(), "");
    assert.equal((await ask(path, { method: "POST" })).status, 405);
    assert.equal((await askAs("rebound.example", path)).status, 421);
  }
});

test("the difference of a generation is text of limited size", async (t) => {
  const textsOf = (n: number, text: string | null): GenerationTexts => ({
    generation: {
      ...{ n, at: "", group: "x", how: "written", files: [], revision: "1" },
      cause: { keys: [], more: 0, reasons: [] },
      stages: { began: 0, ended: 1 },
    },
    before: n === 1 ? undefined : n - 1,
    texts: { "/etc/x": text },
  });
  const lines = (seed: string) =>
    Array.from({ length: 40_000 }, (_, i) => `${seed}${i}\n`).join("");
  const kept: Readonly<Record<number, string | null>> = {
    ...{ 1: "a\n", 2: "a\nb\n", 3: null, 4: lines("x"), 5: lines("y"), 6: lines("y") },
  };
  const { ask } = await served(t, async (n) => {
    const text = kept[n];
    if (text === undefined) return await none(n);
    return textsOf(n, text);
  });
  const of = async (n: string) => {
    const answer = await ask(`/diff?n=${n}`);
    return { status: answer.status, text: await answer.text() };
  };
  assert.match((await of("2")).text, /^\+b$/m);
  assert.match((await of("1")).text, /no generation before 1/);
  assert.match((await of("3")).text, /no longer has both texts/);
  assert.ok((await of("5")).text.length < 210_000);
  assert.match((await of("5")).text, /sidekick diff 5\n$/);
  assert.match((await of("6")).text, /changed no text/);
  assert.equal((await of("9")).status, 404);
  for (const n of ["", "x", "0", "-1", "1e99"]) assert.equal((await of(n)).status, 400);
});
