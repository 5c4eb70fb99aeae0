import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { CleanupScope } from "../test/support/cleanup-scope.ts";
import { memory } from "./cost.ts";
import { monotonicMs } from "./monotonic.ts";

/** The measurements that an observer returns on request. */
interface Answers {
  /** CPU time so far. */
  readonly cpuMs: number;
  /** The time of each observed change. */
  readonly seenMs: readonly number[];
  /** The heap that is in use. */
  readonly heapBytes: number;
}

/** The time to load the keys, their number, and the memory of the process before that. */
export interface Loaded {
  readonly tookMs: number;
  readonly keys: number;
  readonly emptyMb: number;
  readonly emptyHeapBytes: number;
}

/**
 * Runs as an observer: `load` reads the keys and resolves with their number; `watch` calls `onChange` for each change
 * from then on, and resolves as soon as it misses none.
 */
export async function observe(
  load: () => Promise<number>,
  watch: (onChange: () => void) => Promise<void>,
): Promise<void> {
  const seenMs: number[] = [];
  const answers: { readonly [Asked in keyof Answers]: () => Answers[Asked] } = {
    cpuMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    seenMs: () => seenMs,
    heapBytes,
  };
  process.on("message", (asked: keyof Answers) => process.send?.(answers[asked]()));
  process.on("disconnect", () => process.exit());
  const emptyHeapBytes = heapBytes();
  const { nowMb: emptyMb } = await memory(process.pid);
  const begunMs = monotonicMs();
  const keys = await load();
  const tookMs = monotonicMs() - begunMs;
  await watch(() => seenMs.push(monotonicMs()));
  process.send?.({ tookMs, keys, emptyMb, emptyHeapBytes } satisfies Loaded);
}

/** The heap that is in use, after a garbage collection. */
function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** A process that follows keys and returns its measurements. */
export class Observer {
  readonly #child: ChildProcess;

  /** Starts an observer, which is a program of this folder. Resolves once it has loaded the keys. */
  static async start(
    scope: CleanupScope,
    program: string,
    args: readonly string[],
  ): Promise<[Observer, Loaded]> {
    const child = fork(join(import.meta.dirname, program), args, { execArgv: ["--expose-gc"] });
    scope.after(() => child.kill("SIGKILL"));
    const observer = new Observer(child);
    return [observer, await observer.#next<Loaded>()];
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  async ask<Asked extends keyof Answers>(asked: Asked): Promise<Answers[Asked]> {
    this.#child.send(asked);
    return await this.#next<Answers[Asked]>();
  }

  async memory() {
    return await memory(this.#child.pid ?? -1);
  }

  async end(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.disconnect();
    await ended;
  }

  async #next<T>(): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const exited = (code: number) => reject(new Error(`the observer ended with ${code}`));
    this.#child.once("exit", exited);
    this.#child.once("message", (message: T) => resolve(message));
    try {
      return await promise;
    } finally {
      this.#child.off("exit", exited);
    }
  }
}
