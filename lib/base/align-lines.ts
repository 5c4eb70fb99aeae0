/** Of texts that differ in more lines than that, only equal lines are matched, wherever they are. */
const mostEdits = 400;

/** The lines of a text; a last line feed begins none. */
export function linesOf(text: string): readonly string[] {
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

/**
 * For each line of a text, the index of the same line in another one; undefined where it was changed or removed. As few lines as
 * possible are undefined, unless the texts differ in hundreds of lines.
 */
export function alignLines(
  before: readonly string[],
  after: readonly string[],
): readonly (number | undefined)[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let [end, newEnd] = [before.length, after.length];
  for (; Math.min(end, newEnd) > start && before[end - 1] === after[newEnd - 1]; end -= 1) {
    newEnd -= 1;
  }
  const matched = new Array<number | undefined>(before.length).fill(undefined);
  for (let i = 0; i < start; i += 1) matched[i] = i;
  for (let i = end; i < before.length; i += 1) matched[i] = newEnd + i - end;
  const [old, now] = [before.slice(start, end), after.slice(start, newEnd)];
  const pairs = shortestEdit(old, now) ?? equalLines(old, now);
  for (const [i, j] of pairs) matched[start + i] = start + j;
  return matched;
}

type Pair = readonly [before: number, after: number];

/** The equal lines of a shortest edit, by the algorithm of Myers; undefined if it takes more than `mostEdits`. */
function shortestEdit(
  before: readonly string[],
  after: readonly string[],
): readonly Pair[] | undefined {
  const [n, m] = [before.length, after.length];
  if (n === 0 || m === 0) return [];
  const most = Math.min(n + m, mostEdits);
  const size = 2 * most + 3;
  const middle = most + 1;
  const reach = new Int32Array(size);
  const trace: Int32Array[] = [];
  for (let edits = 0; edits <= most; edits += 1) {
    trace.push(reach.slice());
    for (let k = -edits; k <= edits; k += 2) {
      let i = nextOf(reach, middle, k, edits);
      while (i < n && i - k < m && before[i] === after[i - k]) i += 1;
      reach[middle + k] = i;
      if (i >= n && i - k >= m) return pairsOf(trace, middle, n, m);
    }
  }
  return undefined;
}

/** How far the lines of the first text are used on diagonal `k`, after a further edit. */
function nextOf(reach: Int32Array, middle: number, k: number, edits: number): number {
  const [below = 0, above = 0] = [reach[middle + k - 1], reach[middle + k + 1]];
  return k === -edits || (k !== edits && below < above) ? above : below + 1;
}

/** The equal lines on the way back from the end. */
function pairsOf(
  trace: readonly Int32Array[],
  middle: number,
  n: number,
  m: number,
): readonly Pair[] {
  const pairs: Pair[] = [];
  let [i, j] = [n, m];
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const reach = trace[edits] as Int32Array;
    const k = i - j;
    const begin = edits === 0 ? 0 : nextOf(reach, middle, k, edits);
    while (i > begin && j > begin - k) {
      i -= 1;
      j -= 1;
      pairs.push([i, j]);
    }
    if (edits === 0) break;
    const [below = 0, above = 0] = [reach[middle + k - 1], reach[middle + k + 1]];
    const isInsertion = k === -edits || (k !== edits && below < above);
    if (isInsertion) j -= 1;
    else i -= 1;
  }
  return pairs;
}

/** Equal lines, each of them once. */
function equalLines(before: readonly string[], after: readonly string[]): readonly Pair[] {
  const places = Map.groupBy(after.keys(), (j) => after[j]);
  const used = new Map<string, number>();
  return before.flatMap((line, i) => {
    const count = used.get(line) ?? 0;
    used.set(line, count + 1);
    const j = places.get(line)?.[count];
    return j === undefined ? [] : [[i, j] as const];
  });
}
