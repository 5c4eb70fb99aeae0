import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface DemoProcess {
  /** Kills the process with SIGKILL and waits until it has ended. */
  kill(): Promise<void>;
  /** Ends the process with SIGTERM, and after 3 s with SIGKILL. */
  stop(): Promise<void>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** How long a process may take to end after SIGTERM, in milliseconds; then it is killed. */
const stopTimeoutMs = 3000;

/** The processes of the demo. Disposal ends all of them. */
export class DemoProcesses implements AsyncDisposable {
  readonly #folder: string;
  readonly #env: Env;
  readonly #running = new Map<ChildProcess, Promise<void>>();

  constructor(folder: string, env: Env) {
    this.#folder = folder;
    this.#env = env;
  }

  /** Starts a program in the demo's folder. `onLine` receives each line of its output. */
  start(argv: readonly string[], onLine: (line: string) => void, env: Env = {}): DemoProcess {
    const [program = "", ...args] = argv;
    const child = spawn(program, args, {
      cwd: this.#folder,
      env: { ...this.#env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      // A process group of its own, which the terminal's Ctrl-C does not signal: the demo ends its processes in order.
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", onLine);
    }
    const ended = new Promise<void>((resolve) => {
      child.once("error", (error) => {
        onLine(`cannot be started: ${error.message}`);
        resolve();
      });
      child.once("exit", () => resolve());
    });
    this.#running.set(
      child,
      ended.finally(() => this.#running.delete(child)),
    );
    return { kill: () => end(child, ended, "SIGKILL"), stop: () => stop(child, ended) };
  }

  /** Ends all processes in reverse order: with SIGTERM, and after 3 s with SIGKILL. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const [child, ended] of [...this.#running].reverse()) {
      await stop(child, ended);
      signalGroup(child, "SIGKILL");
    }
  }
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  const timer = setTimeout(() => signalGroup(child, "SIGKILL"), stopTimeoutMs);
  await end(child, ended, "SIGTERM");
  clearTimeout(timer);
}

async function end(child: ChildProcess, ended: Promise<void>, name: NodeJS.Signals): Promise<void> {
  signalGroup(child, name);
  await ended;
}

function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // The whole group has ended already.
  }
}
