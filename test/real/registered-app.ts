import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { startApp, startSidekick } from "./sidekick.ts";

export type RegisteredApp = Awaited<ReturnType<typeof registeredApp>>;

/** An application, and the agent that registers it as an instance of `web`; its configuration is `<name>.yaml` in the folder. */
export async function registeredApp(
  t: TestContext,
  keyspace: string,
  folder: string,
  name: string,
) {
  const app = await startApp(t, name);
  const checks = [{ type: "tcp", interval: "100ms", rise: 1 }];
  const service = { name: "web", host: "127.0.0.1", port: app.port, instance: name, checks };
  const config = { keyspace, presence: { drainDelay: "200ms", services: [service] } };
  await writeFile(join(folder, `${name}.yaml`), JSON.stringify(config));
  const agent = startSidekick(t, ["presence", "-c", `${name}.yaml`], { cwd: folder });
  return { app, agent };
}
