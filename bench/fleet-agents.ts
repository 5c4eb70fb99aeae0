import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { main } from "../test/real/sidekick.ts";
import type { CleanupScope } from "../test/support/cleanup-scope.ts";
import { eventually, type Running, start } from "../test/support/process.ts";
import { cpuMs, memory } from "./cost.ts";

/** The key that the measurements change. */
export const changedKey = "/services/changed/10.0.0.1:80";

/** Watchers of one file each, and agents of one instance each: a process and a folder for each. */
export class Fleet {
  readonly #scope: CleanupScope;
  readonly #folder: string;
  readonly #url: string;
  readonly #watchers: Running[] = [];
  readonly #agents: Running[] = [];

  constructor(scope: CleanupScope, folder: string, url: string) {
    this.#scope = scope;
    this.#folder = folder;
    this.#url = url;
  }

  /** Starts so many watchers and agents, `atOnce` at a time, and resolves once all files and entries are written. */
  async start(watchers: number, agents: number, atOnce: number): Promise<void> {
    await writeFile(
      join(this.#folder, "t.hbs"),
      '{{#each (gets "/services/*/*")}}{{key}} {{value}}\n{{/each}}',
    );
    const all = [
      ...Array.from({ length: watchers }, (_, i) => () => this.#startWatcher(i)),
      ...Array.from({ length: agents }, (_, i) => () => this.#startAgent(i)),
    ];
    const lanes = Array.from({ length: atOnce }, async () => {
      for (let next = all.shift(); next; next = all.shift()) await next();
    });
    await Promise.all(lanes);
  }

  /** Resolves once every file has this text. */
  async allHave(text: string): Promise<void> {
    const left = new Set(this.#watchers.keys());
    await eventually(
      `${this.#watchers.length} files have ${text}`,
      async () => {
        for (const i of left) if ((await this.#text(i)).includes(text)) left.delete(i);
        return left.size === 0;
      },
      300_000,
    );
  }

  /** CPU time so far in milliseconds, and resident and proportional memory in MB, of one watcher and of one agent (means). */
  async cost() {
    return { watcher: await meanCost(this.#watchers), agent: await meanCost(this.#agents) };
  }

  async #text(i: number): Promise<string> {
    return await readFile(join(this.#folder, `w${i}`, "out"), "utf8").catch(() => "");
  }

  async #startWatcher(i: number): Promise<void> {
    const templates = [{ source: "../t.hbs", target: "out", format: "plain" }];
    const watch = { templates };
    const watcher = await this.#startIn(`w${i}`, "watch", { watch });
    this.#watchers[i] = watcher;
    const isWritten = async () => watcher.child.exitCode !== null || (await this.#text(i)) !== "";
    await eventually(`watcher ${i} writes its file`, isWritten);
    if (watcher.child.exitCode !== null) throw new Error(watcher.output());
  }

  async #startAgent(i: number): Promise<void> {
    const [port, checks] = [await this.#app(), [{ type: "tcp" }]];
    const service = { name: "fleet", host: "127.0.0.1", port, instance: `a${i}`, checks };
    const agent = await this.#startIn(`a${i}`, "presence", { presence: { services: [service] } });
    this.#agents[i] = agent;
    await eventually(`agent ${i} registers`, () => agent.output().includes('"registered"'));
  }

  async #startIn(name: string, command: string, config: object): Promise<Running> {
    const cwd = join(this.#folder, name);
    await mkdir(cwd);
    const status = { socket: join(cwd, "s.sock") };
    await writeFile(
      join(cwd, "sidekick.yaml"),
      JSON.stringify({ keyspace: this.#url, status, ...config }),
    );
    const env = { RUNTIME_DIRECTORY: cwd, STATE_DIRECTORY: cwd };
    return start(this.#scope, [...main, command, "-c", "sidekick.yaml"], { cwd, env });
  }

  /** What the checks of an agent connect to. */
  async #app(): Promise<number> {
    const server = createServer((socket) => socket.end());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    this.#scope.after(async () => void server.close());
    const address = server.address();
    return typeof address === "object" ? (address?.port ?? 0) : 0;
  }
}

export interface MeanCost {
  readonly cpuMs: number;
  readonly residentMb: number;
  readonly proportionalMb: number;
}

async function meanCost(all: readonly Running[]): Promise<MeanCost> {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / all.length;
  const pids = all.map(({ pid }) => pid);
  return {
    cpuMs: mean(await Promise.all(pids.map(cpuMs))),
    residentMb: mean(await Promise.all(pids.map(async (pid) => (await memory(pid)).nowMb))),
    proportionalMb: mean(await Promise.all(pids.map(proportionalMb))),
  };
}

/** Memory that several processes share counts for each of them in part. */
async function proportionalMb(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1]) / 1024;
}
