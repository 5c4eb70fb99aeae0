import type { Decoded } from "../model/decode.ts";
import type { Entry } from "../model/entry.ts";
import type { Chunk } from "../model/snapshot.ts";
import type { DecodedChunk } from "./decoded-chunk.ts";
import type { DuplicateIndex } from "./duplicates.ts";

/** What an entry gives: an instance, or the reason why it is quarantined. */
export type Read = Decoded | { readonly why: string; readonly isUntrusted: true };

/** The results of decoding, and what was found by comparing them. */
export interface Memo {
  readonly chunks: WeakMap<Chunk, DecodedChunk>;
  readonly entries: WeakMap<Entry, Read>;
  /** By service; those without entries are absent. */
  readonly duplicates: Map<string, DuplicateIndex>;
}

export function emptyMemo(): Memo {
  return { chunks: new WeakMap(), entries: new WeakMap(), duplicates: new Map() };
}
