import { mkdir, readFile } from "node:fs/promises";
import type { TestContext } from "node:test";
import { freePort } from "../support/process.ts";
import { shortTimeouts } from "./haproxy.ts";
import { startSidekick } from "./sidekick.ts";
import { watchedHaproxy } from "./watched-haproxy.ts";

/** The configuration of one haproxy; it also listens at the instances of the service `ports`, which only a reload finds to be taken. */
const template = `${shortTimeouts}frontend it
  bind 127.0.0.1:{{getenv "IT_PORT"}}
  maxconn {{getv "/app/max" "10"}}
  default_backend web
{{#each (instances "ports")}}
listen p{{port}}
  bind {{address}}
{{/each}}
backend web
{{#each (instances "web")}}
  server {{server}} {{address}} weight {{weight}}
{{/each}}
`;

/** A watcher of a haproxy of its own; without `together` it takes no turns with others. */
export async function startWatcher(
  t: TestContext,
  folder: string,
  keyspace: string,
  together?: object,
) {
  await mkdir(folder);
  const port = await freePort();
  const text = `${shortTimeouts}frontend it\n  bind 127.0.0.1:${port}\n  default_backend web\nbackend web\n`;
  const { haproxy, config } = await watchedHaproxy(t, folder, keyspace, {
    ...{ template, text },
    more: { prefixes: ["/app", "/services"] },
    watch: { ...(together && { together: { group: "edge", ...together } }), snapshotCache: false },
  });
  const running = startSidekick(t, ["watch", "-c", "sidekick.yaml"], {
    cwd: folder,
    env: { IT_PORT: String(port) },
  });
  const has = async (part: string) => (await readFile(config, "utf8")).includes(part);
  return { running, haproxy, has, folder };
}
