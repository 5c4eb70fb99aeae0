import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Adjustment, Change } from "../../../lib/proxy/contract.ts";
import { throwAwayFolder } from "../../support/process.ts";
import { watchScene } from "./scene.ts";

/** A watcher whose proxy judges changes itself, with a check command that rejects what the file `refused` has. */
export async function aheadScene(t: TestContext) {
  const scripts = await throwAwayFolder(t);
  const [checks, refused] = [join(scripts, "checks"), join(scripts, "refused")];
  const script = join(scripts, "check");
  await writeFile(script, `#!/bin/sh\necho >>${checks}\n! grep -qFf ${refused} "$1"\n`);
  await chmod(script, 0o755);
  await writeFile(refused, "-\n");
  const check = { run: [script, "{candidate}"], timeout: 3_600_000 };
  const all = await watchScene(t, { check });
  const { proxy, clock } = all;
  /** What the proxy was given before its file and with it, in order. */
  const given: string[] = [];
  const answers: { next: Adjustment } = { next: "adjusted (1 server)" };
  proxy.canAdjust = () => true;
  const adjust = async ({ files }: Change): Promise<Adjustment> => {
    given.push(`adjust ${addresses(files[0]?.desired ?? "")}`);
    return answers.next;
  };
  Object.assign(proxy, { adjust });
  const apply = proxy.apply.bind(proxy);
  proxy.apply = async (change) => {
    given.push(`apply ${addresses(change.files[0]?.desired ?? "")}`);
    return await apply(change);
  };
  const count = async () => (await readFile(checks, "utf8").catch(() => "")).length;
  const onDisk = async () => addresses(await all.text());
  const started = async () => {
    await all.register("web", "10.0.0.1:80");
    const { stop } = all.run();
    await clock.advance(0);
    await all.logged("applied");
    await clock.advance(1000);
    return stop;
  };
  const change = async (...added: readonly string[]) => {
    const before = all.count("applied");
    await all.register("web", ...added);
    await clock.advance(50);
    await all.logged("applied", before + 1);
  };
  return { ...all, given, answers, checks: count, onDisk, refused, started, change };
}

/** The last number of each address. */
function addresses(text: string): string {
  return [...text.matchAll(/10\.0\.0\.(\d+):\d+\*(\d+)/g)]
    .map(([, at, weight]) => (weight === "1" ? at : `${at}*${weight}`))
    .join(" ");
}
