/** An item that causes a rejection, and the message of the rejection. */
export interface Culprit<T> {
  readonly item: T;
  readonly why: string;
}

/** Why a set was rejected. */
export interface Rejection<T> {
  /** The items that the message names, each with the part that names it. */
  readonly named: readonly Culprit<T>[];
  readonly why: string;
}

/**
 * Finds a maximal set of items that is accepted, by few questions: adaptive group testing. The caller asks whether
 * `accepted` and `probe` are accepted together, and calls `accept` or `reject` with the answer, until `probe` is
 * undefined. Every subset of an accepted set has to be accepted, too.
 *
 * k culprits among n items take about k·log₂(n/k) + 2k questions, n if all items are culprits, and one for all that a
 * message names at once. It only keeps state: it may be interrupted, and continued after some items have changed.
 */
export class Bisection<T> {
  readonly #accepted = new Set<T>();
  #culprits: readonly Culprit<T>[] = [];
  /** Items to ask for before all others. */
  #first: readonly T[];
  #unknown: readonly T[];
  /** Items that are rejected together: at least one of them is a culprit. */
  #bad: readonly T[] = [];
  /** The message of that rejection. */
  #why = "";
  /** The items of `#bad` that messages name. */
  #suspected: readonly Culprit<T>[] = [];
  /** How many items of the last rejected group have been accepted since. */
  #run = 0;
  /** How many unknown items to ask for together: about as many as were accepted between the last two culprits. */
  #size = Number.POSITIVE_INFINITY;

  /** With `rejection`, all items together were rejected already. */
  constructor(items: readonly T[], rejection?: Rejection<T>, first: readonly T[] = []) {
    this.#first = first.length < items.length ? first : [];
    this.#unknown = items;
    if (rejection) this.#rejected(items, rejection);
  }

  get accepted(): ReadonlySet<T> {
    return this.#accepted;
  }

  get culprits(): readonly Culprit<T>[] {
    return this.#culprits;
  }

  /** The items that are neither accepted nor known to be culprits. */
  get undecided(): readonly T[] {
    return [...this.#bad, ...this.#unknown];
  }

  /** Whether `probe` consists of the items to ask for first. */
  get isAskingFirst(): boolean {
    return !this.isGuided && this.#first.length > 0;
  }

  /** Whether `probe` lacks only items that messages name. */
  get isGuided(): boolean {
    return this.#suspected.length > 0;
  }

  /** The items to ask for next, together with the accepted ones; undefined if all items are decided. */
  get probe(): readonly T[] | undefined {
    if (this.isGuided) return without(this.#bad, itemsOf(this.#suspected));
    if (this.isAskingFirst) return this.#first;
    if (this.#bad.length > 0) return this.#bad.slice(0, Math.ceil(this.#bad.length / 2));
    return this.#unknown.length > 0 ? this.#unknown.slice(0, this.#size) : undefined;
  }

  /** `probe` is accepted. */
  accept(): void {
    const group = this.probe ?? [];
    const isOfBad = group.some((item) => this.#bad.includes(item));
    for (const item of group) this.#accepted.add(item);
    this.#first = without(this.#first, this.#accepted);
    this.#unknown = without(this.#unknown, this.#accepted);
    this.#bad = without(this.#bad, this.#accepted);
    this.#run += group.length;
    if (this.isGuided) this.#found(this.#suspected);
    else if (isOfBad) this.#narrowed();
    else this.#size *= 2;
  }

  /** `probe` is rejected. */
  reject(rejection: Rejection<T>): void {
    const group = this.probe ?? [];
    if (group === this.#first) this.#first = [];
    this.#rejected(group, rejection);
  }

  /**
   * Takes the items that messages have named for culprits, without further questions. If there are so many that this is
   * necessary, smaller groups of the others are asked for, so that some are soon known to be accepted.
   */
  settle(): void {
    if (!this.isGuided) return;
    this.#found(this.#suspected);
    this.#size = Math.max(1, Math.ceil(this.#unknown.length / 8));
  }

  /** Some items have changed: keeps what is known of those that `isSame` holds for, and asks for `added` first. */
  change(isSame: (item: T) => boolean, added: readonly T[]): void {
    for (const item of this.#accepted) if (!isSame(item)) this.#accepted.delete(item);
    this.#culprits = this.#culprits.filter(({ item }) => isSame(item));
    if (!this.#bad.every(isSame)) {
      this.#unknown = this.undecided;
      this.#bad = [];
      this.#suspected = [];
    }
    this.#unknown = [...added, ...this.#unknown.filter(isSame)];
    this.#first = added;
  }

  #rejected(group: readonly T[], { named, why }: Rejection<T>): void {
    const inGroup = new Set(group);
    const suspected = named.filter(({ item }) => inGroup.has(item));
    if (this.#bad.length === 0) this.#run = 0;
    if (this.isGuided && suspected.length > 0) {
      this.#suspected = [...this.#suspected, ...suspected];
    } else {
      this.#unknown = without(this.undecided, inGroup);
      this.#bad = group;
      this.#suspected = suspected;
    }
    this.#why = why;
    if (this.#suspected.length === this.#bad.length) this.#found(this.#suspected);
    else this.#narrowed();
  }

  /** The only item that is left of a rejected group is a culprit. */
  #narrowed(): void {
    const [item, ...others] = this.#bad;
    if (item === undefined || others.length > 0 || this.isGuided) return;
    this.#size = this.#run + 1;
    this.#found([{ item, why: this.#why }]);
  }

  /** These are culprits, and why `#bad` was rejected: nothing is known of its other items. */
  #found(culprits: readonly Culprit<T>[]): void {
    const found = itemsOf(culprits);
    this.#culprits = [...this.#culprits, ...culprits];
    this.#first = without(this.#first, found);
    this.#unknown = without(this.undecided, found);
    this.#bad = [];
    this.#suspected = [];
  }
}

function itemsOf<T>(culprits: readonly Culprit<T>[]): ReadonlySet<T> {
  return new Set(culprits.map(({ item }) => item));
}

function without<T>(items: readonly T[], others: ReadonlySet<T>): readonly T[] {
  return items.filter((item) => !others.has(item));
}
