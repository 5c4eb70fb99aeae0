import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { startHaproxy } from "./haproxy.ts";

interface Watched {
  readonly template: string;
  /** The file with which haproxy starts. */
  readonly text: string;
  /** Settings of `watch`. */
  readonly watch?: object;
  /** Settings of the template. */
  readonly more?: object;
}

/**
 * A haproxy that runs with `haproxy.cfg` of a folder, and `sidekick.yaml` for a watcher that renders this from `haproxy.cfg.hbs` and
 * checks it.
 */
export async function watchedHaproxy(
  t: TestContext,
  folder: string,
  keyspace: string,
  { template, text, watch, more }: Watched,
) {
  const config = join(folder, "haproxy.cfg");
  await writeFile(config, text);
  await writeFile(join(folder, "haproxy.cfg.hbs"), template);
  const haproxy = await startHaproxy(t, { config });
  const rendered = {
    ...{ source: "haproxy.cfg.hbs", target: "haproxy.cfg", ...more },
    check: ["haproxy", "-c", "-f", "{candidate}"],
    proxy: { type: "haproxy", master: haproxy.master },
  };
  const settings = {
    keyspace,
    status: { socket: "./agent.sock" },
    watch: { ...watch, templates: [rendered] },
  };
  await writeFile(join(folder, "sidekick.yaml"), JSON.stringify(settings, undefined, 2));
  return { config, haproxy };
}
