/** How much a journal keeps on disk. */
export interface JournalLimits {
  /** Each of its two files of lines holds so many lines, and so many bytes, at the most. */
  readonly lines: number;
  readonly lineBytes: number;
  /** The texts of so many generations are kept, while they are no older and no larger. */
  readonly generations: number;
  readonly textMs: number;
  readonly textBytes: number;
}

export const usualLimits: JournalLimits = {
  ...{ lines: 5000, lineBytes: 8 * 1024 * 1024 },
  ...{ generations: 20, textMs: 7 * 24 * 3_600_000, textBytes: 40 * 1024 * 1024 },
};
