import type { Clock } from "../../base/clock.ts";
import { type Adjusted, converge } from "./converge.ts";
import type { ServerSettings } from "./differences.ts";
import type { ByCommands } from "./plan.ts";
import type { Runtime } from "./runtime.ts";
import { RuntimeSession } from "./runtime-session.ts";
import { type Info, parseInfo } from "./show-info.ts";

/** The servers of the worker that was proved to have loaded the files, changed without another reload. */
export class LiveServers {
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  /** Who was proved to have loaded the files; whoever else serves may have read something else. */
  #proved: Info | undefined;
  /** What the servers were made with that have not left yet, as `pool/server`: they may come back. */
  #leaving: ReadonlyMap<string, string> = new Map();

  constructor(runtime: Runtime, clock: Clock) {
    this.#runtime = runtime;
    this.#clock = clock;
  }

  /** Has the worker serve what is wanted, and proves that it is still the one that takes new connections. */
  async adjust(
    { loaded, wanted }: ByCommands,
    signal: AbortSignal,
  ): Promise<Adjusted | { readonly why: string }> {
    const madeWith: ServerSettings = (pool, server) =>
      loaded.get(pool)?.get(server)?.settings ?? this.#leaving.get(`${pool}/${server}`);
    const entered = await this.#enter(signal);
    if ("why" in entered) return entered;
    using talk = entered.talk;
    if (!isSame(entered.info, this.#proved)) return { why: "another worker had taken over" };
    const converged = await converge(talk, wanted, madeWith, signal);
    if ("why" in converged) return converged;
    const now = await this.#runtime.worker(signal);
    if ("why" in now) return now;
    if (now.pid !== entered.info.pid) return { why: "another worker has taken over meanwhile" };
    this.#leaving = new Map(
      converged.leaving.map((server) => {
        const [pool = "", name = ""] = server.split("/");
        return [server, madeWith(pool, name) ?? ""];
      }),
    );
    return converged;
  }

  /** To be called before a reload: from then on it is not known who has loaded what. */
  forget(): void {
    this.#proved = undefined;
    this.#leaving = new Map();
  }

  /** To be called after a reload that was proved. */
  async remember(signal: AbortSignal): Promise<void> {
    const entered = await this.#enter(signal);
    if ("why" in entered) return;
    using _ = entered.talk;
    this.#proved = entered.info;
  }

  async #enter(
    signal: AbortSignal,
  ): Promise<{ readonly talk: RuntimeSession; readonly info: Info } | { readonly why: string }> {
    const { path, isMaster } = this.#runtime;
    const worker = await this.#runtime.worker(signal);
    if ("why" in worker) return worker;
    const talk = new RuntimeSession(path, this.#clock);
    const info = await this.#greet(talk, isMaster ? worker.pid : undefined, signal);
    if (info?.pid === worker.pid && !info.stopping) return { talk, info };
    talk[Symbol.dispose]();
    return { why: `${path} does not answer as a worker does` };
  }

  async #greet(
    talk: RuntimeSession,
    worker: number | undefined,
    signal: AbortSignal,
  ): Promise<Info | undefined> {
    if ((await talk.begin(worker, signal)) !== undefined) return undefined;
    const answers = await talk.ask(["show info"], signal);
    return typeof answers === "string" ? undefined : parseInfo(answers[0] ?? "");
  }
}

/** A process id alone may come to be another's, as it does in a container that is started again. */
function isSame(a: Info, b: Info | undefined): boolean {
  return a.pid === b?.pid && a.started === b.started;
}
