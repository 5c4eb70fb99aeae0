/** What is not as it should be at one moment. */
export type Kind =
  | "missing from the registry"
  | "left over in the registry"
  | "missing from a file"
  | "left over in a file";

/** Something that was not as it should be for a while. */
export interface Difference {
  readonly kind: Kind;
  /** The entry, and the file if it is one's. */
  readonly what: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** A fault was being made at some time of it. */
  readonly duringFault: boolean;
}

/** One look at everything: the lines that should be there, those that the registry has, and those of each file. */
export interface Look {
  readonly atMs: number;
  readonly wanted: ReadonlySet<string>;
  /** Lines of which it cannot be said whether they should be there: those of an agent that stands still. */
  readonly open: ReadonlySet<string>;
  /** Undefined where the registry did not answer. */
  readonly held: ReadonlySet<string> | undefined;
  readonly shown: ReadonlyMap<string, ReadonlySet<string>>;
  readonly isFaulty: boolean;
}

interface Open {
  readonly kind: Kind;
  readonly fromMs: number;
  duringFault: boolean;
}

/** Follows how long each difference lasts, look by look. */
export class Differences {
  readonly over: Difference[] = [];
  readonly #open = new Map<string, Open>();

  /** What is different now; a look at which the registry did not answer changes nothing. */
  get open(): readonly string[] {
    return [...this.#open].map(([what, { kind }]) => `${what}: ${kind}`);
  }

  look(look: Look): void {
    if (!look.held) {
      if (look.isFaulty) for (const open of this.#open.values()) open.duringFault = true;
      return;
    }
    const now = differing(look);
    for (const [what, kind] of now) {
      const open = this.#open.get(what) ?? { kind, fromMs: look.atMs, duringFault: false };
      open.duringFault ||= look.isFaulty;
      this.#open.set(what, open);
    }
    for (const [what, { kind, fromMs, duringFault }] of this.#open) {
      if (now.has(what)) continue;
      this.#open.delete(what);
      this.over.push({ kind, what, fromMs, toMs: look.atMs, duringFault });
    }
  }
}

function differing({ wanted, open, held, shown }: Look): Map<string, Kind> {
  const found = new Map<string, Kind>();
  const there = held ?? new Set();
  const note = (some: Iterable<string>, others: ReadonlySet<string>, kind: Kind, where = "") => {
    for (const line of some) if (!others.has(line)) found.set(`${where}${kind[0]}${line}`, kind);
  };
  note(wanted, new Set([...there, ...open]), "missing from the registry");
  note(there, new Set([...wanted, ...open]), "left over in the registry");
  for (const [file, lines] of shown) {
    note(there, lines, "missing from a file", `${file} `);
    note(lines, there, "left over in a file", `${file} `);
  }
  return found;
}
