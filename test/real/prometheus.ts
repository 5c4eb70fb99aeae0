import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fetchOnce } from "../support/http.ts";
import { eventually, freePort, start, throwAwayFolder } from "../support/process.ts";

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** A real Prometheus with a throw-away folder, until the end of the test. */
export interface Prometheus {
  /** The result of a query at this moment; throws if the query is invalid. */
  query(expression: string): Promise<readonly Sample[]>;
  /** The answer of its API below `/api/v1`. */
  api<T>(path: string): Promise<T>;
}

/** Starts Prometheus with this configuration (`prometheus.yml`) and these rules, and waits until it is ready. */
export async function startPrometheus(
  t: TestContext,
  { config, rules = "groups: []\n" }: { readonly config: string; readonly rules?: string },
): Promise<Prometheus> {
  const folder = await throwAwayFolder(t);
  const port = await freePort();
  const path = join(folder, "prometheus.yml");
  await writeFile(path, config);
  await writeFile(join(folder, "rules.yml"), rules);
  const url = `http://127.0.0.1:${port}`;
  const program = start(t, [
    "prometheus",
    `--config.file=${path}`,
    `--storage.tsdb.path=${join(folder, "data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  await eventually("Prometheus is ready", async () => {
    if (program.child.exitCode !== null) throw new Error(program.output());
    return (await fetchOnce(`${url}/-/ready`).catch(() => undefined))?.status === 200;
  });
  const api = async <T>(path: string): Promise<T> => {
    const { status, body } = await fetchOnce(`${url}/api/v1${path}`);
    if (status !== 200) throw new Error(`${path}: ${body}`);
    return (JSON.parse(body) as { readonly data: T }).data;
  };
  return {
    api,
    async query(expression) {
      const path = `/query?query=${encodeURIComponent(expression)}`;
      return (await api<{ readonly result: readonly Sample[] }>(path)).result;
    },
  };
}

/** The shipped rules, with alerts that fire after a second: a test need not wait for minutes. */
export async function impatientRules(path: string): Promise<string> {
  return (await readFile(path, "utf8")).replaceAll(/for: \d+m/g, "for: 1s");
}
