import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { CleanupScope } from "../test/support/cleanup-scope.ts";
import { memory } from "./cost.ts";
import { monotonicMs } from "./monotonic.ts";

/** What a witness can be asked: its processor time so far, when it saw each change, the heap it cannot do without. */
interface Answers {
  readonly cpuMs: number;
  readonly seenMs: readonly number[];
  readonly heapBytes: number;
}

/** How long the keys took to load, how many they were, and what the process took before that. */
export interface Loaded {
  readonly tookMs: number;
  readonly keys: number;
  readonly emptyMb: number;
  readonly emptyHeapBytes: number;
}

/**
 * Does what a witness does: `load` reads the keys and says how many they are; `attend` calls `saw` for each
 * change from then on, and resolves as soon as it would miss none.
 */
export async function testify(
  load: () => Promise<number>,
  attend: (saw: () => void) => Promise<void>,
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
  await attend(() => seenMs.push(monotonicMs()));
  process.send?.({ tookMs, keys, emptyMb, emptyHeapBytes } satisfies Loaded);
}

/** What the heap holds that is still in use. */
function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** A process that follows keys, and that is asked what it saw and what that cost. */
export class Witness {
  readonly #child: ChildProcess;

  /** Starts a program of this folder, which testifies; resolves once it has loaded the keys. */
  static async start(
    scope: CleanupScope,
    program: string,
    args: readonly string[],
  ): Promise<[Witness, Loaded]> {
    const child = fork(join(import.meta.dirname, program), args, { execArgv: ["--expose-gc"] });
    scope.after(() => child.kill("SIGKILL"));
    const witness = new Witness(child);
    return [witness, await witness.#next<Loaded>()];
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
    const exited = (code: number) => reject(new Error(`the witness ended with ${code}`));
    this.#child.once("exit", exited);
    this.#child.once("message", (message: T) => resolve(message));
    try {
      return await promise;
    } finally {
      this.#child.off("exit", exited);
    }
  }
}
