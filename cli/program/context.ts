import type { World } from "../world.ts";

/** What the action of a command needs. */
export interface CommandContext {
  readonly world: World;
  readonly signal: AbortSignal;
  /** The program and its arguments that follow `--`, for commands that run one; undefined without `--`. */
  readonly program?: readonly string[];
  /** Sets the exit code of the process, which is 0 otherwise. */
  readonly exitWith: (code: number) => void;
}
