import type { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import type { FaultReporter } from "../../lib/base/fault-reporter.ts";
import type { Log } from "../../lib/base/log.ts";
import { runLatest } from "../../lib/base/run-each.ts";
import {
  quarantinePath,
  restoreQuarantines,
  saveQuarantines,
} from "../../lib/keyspace/quarantine-file.ts";
import type { TemplateGroup } from "./groups.ts";

/** The file that remembers the entries without which files were accepted. */
export class QuarantineMemory {
  readonly #path: string | false;
  readonly #groups: Cell<readonly TemplateGroup[]>;
  readonly #log: Log;

  constructor(cachePath: string | false, groups: Cell<readonly TemplateGroup[]>, log: Log) {
    this.#path = quarantinePath(cachePath);
    this.#groups = groups;
    this.#log = log;
  }

  /** Restores what was saved of some groups. */
  async restore(groups: readonly TemplateGroup[]): Promise<void> {
    await restoreQuarantines(this.#path, groups.map(remembering), this.#log);
  }

  /** Keeps the file up to date, for the groups that there are. */
  async keep(reporter: FaultReporter, clock: Clock, signal: AbortSignal): Promise<void> {
    const save = (groups: readonly TemplateGroup[], s: AbortSignal) => {
      const isUnsaved = this.#groups.version > 0;
      return saveQuarantines(this.#path, groups.map(remembering), reporter, clock, s, isUnsaved);
    };
    await runLatest(this.#groups, save, signal);
  }
}

function remembering({ title: name, quarantine }: TemplateGroup) {
  return { name, quarantine };
}
