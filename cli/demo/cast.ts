import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A process of the demo. */
export interface Actor {
  /** Ends it at once, without asking. */
  kill(): Promise<void>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The processes of the demo: whoever leaves takes all of them along. */
export class Cast implements AsyncDisposable {
  readonly #folder: string;
  readonly #env: Env;
  readonly #running = new Map<ChildProcess, Promise<void>>();

  constructor(folder: string, env: Env) {
    this.#folder = folder;
    this.#env = env;
  }

  /** Starts a program in the demo's folder. `heard` is told each line that it prints. */
  start(argv: readonly string[], heard: (line: string) => void, env: Env = {}): Actor {
    const [program = "", ...args] = argv;
    const child = spawn(program, args, {
      cwd: this.#folder,
      env: { ...this.#env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      // Out of reach of the terminal's Ctrl-C: the demo itself ends them, in order.
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", heard);
    }
    const ended = new Promise<void>((resolve) => {
      child.once("error", (error) => {
        heard(`cannot be started: ${error.message}`);
        resolve();
      });
      child.once("exit", () => resolve());
    });
    this.#running.set(
      child,
      ended.finally(() => this.#running.delete(child)),
    );
    return { kill: () => end(child, ended, "SIGKILL") };
  }

  /** Ends everybody, the last one to come first: gently, then not. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const [child, ended] of [...this.#running].reverse()) {
      const impatience = setTimeout(() => signalGroup(child, "SIGKILL"), 3000);
      await end(child, ended, "SIGTERM");
      clearTimeout(impatience);
      signalGroup(child, "SIGKILL");
    }
  }
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
    // the whole group is gone already
  }
}
