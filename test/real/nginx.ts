import { readFile } from "node:fs/promises";
import type { TestContext } from "node:test";
import { childrenOf, eventually, type Running, start } from "../support/process.ts";

/** An nginx, started as an operator does. */
export interface Nginx {
  /** The master. */
  readonly process: Running;
  /** The process ids of the workers. */
  workers(): Promise<readonly number[]>;
}

export interface NginxOptions {
  readonly config: string;
  /** The pid file of the configuration. */
  readonly pidFile: string;
}

/** Starts nginx and waits until it has workers. */
export async function startNginx(
  t: Pick<TestContext, "after">,
  { config, pidFile }: NginxOptions,
): Promise<Nginx> {
  const process = start(t, ["nginx", "-c", config, "-g", "daemon off;"]);
  const workers = () => childrenOf(process.pid);
  const serving = eventually("nginx has workers", async () => {
    const isWritten = (await readFile(pidFile, "utf8")).trim() === String(process.pid);
    return isWritten && (await workers()).length > 0;
  });
  await Promise.race([serving, process.ended]);
  if (process.child.exitCode !== null) throw new Error(`nginx ended: ${process.output()}`);
  return { process, workers };
}
