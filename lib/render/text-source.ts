import type { Pool } from "../model/pool.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Editable } from "./follow-edits.ts";
import type { RenderedFile } from "./omit.ts";
import type { Reads } from "./reads.ts";

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
  readonly reads: Reads;
  /** Whether rendering the same once more costs little, and gives the same text. */
  readonly isRepeatable: boolean;
  /** The text of the target, without the entries that cannot stand in it. Throws a RENDER_ fault. */
  render(view: View, signal: AbortSignal): Promise<RenderedTarget>;
  /** Call with each text that the target has from then on: the next one may depend on it. */
  installed(text: string): void;
}
