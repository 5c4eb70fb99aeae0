import { basename } from "node:path";
import { Cell } from "../../lib/base/cell.ts";
import type { Standing } from "../../lib/discover/contract.ts";
import type { ProgramStanding } from "../../lib/discover/program.ts";
import type { OwnProgram } from "../../lib/proxy/contract.ts";
import type { Child, Ended } from "./child.ts";

/** The program of an agent: its child process, and what follows from it for its instances. */
export class Program implements OwnProgram {
  readonly argv: readonly string[];
  /** For log lines: the name of its file. */
  readonly name: string;
  /** The standing of its instances; undefined before it is started for the first time. */
  readonly standing = new Cell<ProgramStanding | undefined>(undefined);
  /** How often it was started. */
  starts = 0;
  /** How it has ended last. */
  ended: Ended | undefined;
  #child: Child | undefined;
  readonly #mark: string;

  /** `mark` distinguishes its runs from those of other processes. */
  constructor(argv: readonly string[], mark: string) {
    this.argv = argv;
    this.name = basename(argv[0] ?? "");
    this.#mark = mark;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  started(child: Child): void {
    this.#child = child;
    this.starts += 1;
    this.#set({ state: "up" });
  }

  /** It runs, and is about to be restarted: its instances are taken out of service. */
  leaving(why: string): void {
    this.#set({ state: "draining", why });
  }

  hasEnded(ended: Ended): void {
    this.#child = undefined;
    this.ended = ended;
    // One that could not be started the first time has never had instances.
    if (this.starts > 0) this.#set({ state: "down", why: `${this.name} has ended: ${ended.how}` });
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.signal(name);
  }

  /** Kills its process group. */
  kill(): void {
    this.#child?.kill();
  }

  #set(standing: Standing): void {
    this.standing.set({ standing, run: `${this.#mark}.${this.starts}` });
  }
}
