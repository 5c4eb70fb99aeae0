import type { Clock } from "../base/clock.ts";
import type { CleanLine } from "../base/exec.ts";

/** A file that is to hold the text of a template. */
export interface InstallTarget {
  readonly path: string;
  /** The permissions of the file. By default an existing file keeps its own, and a new one gets 0644. */
  readonly mode?: number | undefined;
  /** The user that owns the file, by name or number. By default an existing file keeps its own. */
  readonly owner?: string | undefined;
  /** The group of the file, by name or number. By default an existing file keeps its own. */
  readonly group?: string | undefined;
  readonly check?: CheckCommand | undefined;
}

/** A command that validates a text before it replaces the target. Exit code 0 means that the text is valid. */
export interface CheckCommand {
  /** The program and its arguments, in which `{candidate}` stands for the path of the new text. */
  readonly run: readonly string[];
  /**
   * The time limit in milliseconds. At the limit, the command and its child processes are terminated and the check has
   * failed.
   */
  readonly timeout: number;
}

/** The dependencies of `install`. */
export interface InstallDeps {
  readonly clock: Clock;
  /** Applied to each output line of a check command that failed; by default lines are kept unchanged. */
  readonly clean?: CleanLine;
  /** Called when the text has passed the check command, before it replaces the target. */
  readonly onChecked?: () => void;
}

/**
 * The result of `install`. The target holds the text, and the text has passed the check command unless it was there
 * already. Readers see the previous text or the new one, never a part. Where `install` throws instead, the target is
 * unchanged and no other file is left beside it.
 */
export type Installed =
  | { readonly changed: false }
  | {
      readonly changed: true;
      /** Another program has changed the target since this process wrote it. */
      readonly wasForeign: boolean;
      /**
       * Restores the previous text, mode and owner without a check, or removes the file if there was none. Throws
       * INSTALL_UNWRITABLE.
       */
      readonly revert: () => Promise<void>;
    };
