/** A kind of difference from the expected state. */
export type Kind =
  | "missing from the keyspace"
  | "left over in the keyspace"
  | "missing from a file"
  | "left over in a file";

/** A difference from the expected state that has ended. */
export interface Difference {
  readonly kind: Kind;
  /** The entry, and the file if the difference is in a file. */
  readonly what: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether a server failed at some time during the difference. */
  readonly duringFault: boolean;
}

/** The state at one moment: the expected lines, and the lines of the keyspace and of each file. */
export interface Sample {
  readonly atMs: number;
  readonly expected: ReadonlySet<string>;
  /** Lines of frozen agents: they may or may not exist. */
  readonly optional: ReadonlySet<string>;
  /** Undefined if the keyspace did not answer. */
  readonly keyspace: ReadonlySet<string> | undefined;
  readonly files: ReadonlyMap<string, ReadonlySet<string>>;
  readonly isFaulty: boolean;
}

interface Open {
  readonly kind: Kind;
  readonly fromMs: number;
  duringFault: boolean;
}

/** Measures how long each difference lasts. */
export class Differences {
  readonly ended: Difference[] = [];
  readonly #open = new Map<string, Open>();

  /** The current differences. Samples without an answer of the keyspace do not change them. */
  get open(): readonly string[] {
    return [...this.#open].map(([what, { kind }]) => `${what}: ${kind}`);
  }

  add(sample: Sample): void {
    if (!sample.keyspace) {
      if (sample.isFaulty) for (const open of this.#open.values()) open.duringFault = true;
      return;
    }
    const now = differencesOf(sample);
    for (const [what, kind] of now) {
      const open = this.#open.get(what) ?? { kind, fromMs: sample.atMs, duringFault: false };
      open.duringFault ||= sample.isFaulty;
      this.#open.set(what, open);
    }
    for (const [what, { kind, fromMs, duringFault }] of this.#open) {
      if (now.has(what)) continue;
      this.#open.delete(what);
      this.ended.push({ kind, what, fromMs, toMs: sample.atMs, duringFault });
    }
  }
}

function differencesOf({ expected, optional, keyspace, files }: Sample): Map<string, Kind> {
  const found = new Map<string, Kind>();
  const stored = keyspace ?? new Set();
  const add = (some: Iterable<string>, others: ReadonlySet<string>, kind: Kind, where = "") => {
    for (const line of some) if (!others.has(line)) found.set(`${where}${kind[0]}${line}`, kind);
  };
  add(expected, new Set([...stored, ...optional]), "missing from the keyspace");
  add(stored, new Set([...expected, ...optional]), "left over in the keyspace");
  for (const [file, lines] of files) {
    add(stored, lines, "missing from a file", `${file} `);
    add(lines, stored, "left over in a file", `${file} `);
  }
  return found;
}
