import type { Changes } from "../model/changes.ts";
import type { Pool } from "../model/pool.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Editable } from "./follow-edits.ts";
import type { RenderedFile } from "./omit.ts";
import type { ReadState } from "./reads.ts";

/** What a text is rendered from. */
export interface View {
  readonly snapshot: Snapshot;
  /** The services within the prefixes of the file. */
  readonly services: readonly Pool[];
}

/** The text of a target. */
export interface RenderedTarget extends RenderedFile {
  /** The first rendering of a source that reads the keyspace found no key at all within its prefixes. */
  readonly lacksKeys: boolean;
}

/** The source of the text of a file: a template, or a generator. */
export interface TextSource extends Editable {
  /** The name of the target, for messages. */
  readonly name: string;
  /** Distinguishes the source from any others. */
  readonly digest: string;
  /** The values of the environment in the texts so far. */
  readonly environment: ReadonlySet<string>;
  /** What the last rendering has read. */
  readonly reads: ReadState;
  /** Whether rendering the same once more costs little, and gives the same text. */
  readonly isRepeatable: boolean;
  /** The text of the target, without the entries that cannot stand in it. Throws a RENDER_ fault. */
  render(view: View, signal: AbortSignal): Promise<RenderedTarget>;
  /** Whether `tryOut` asks nothing outside of this process. */
  readonly canTryOut: boolean;
  /**
   * The text that `render` would give at a time, now unless set; what the last rendering has read stays, and so does the text that
   * the next one may depend on. Throws a RENDER_ fault.
   */
  tryOut(view: View, signal: AbortSignal, now?: Date): Promise<string>;
  /** Whether the text may be another one after these changes than in the last rendering. In doubt it may. */
  dependsOn(changes: Changes): boolean;
  /** Call with each text that the target has from then on: the next one may depend on it. */
  installed(text: string): void;
}
