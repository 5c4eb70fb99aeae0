/** How many characters two texts have in common at their beginning, and at their end beyond that. */
export interface SameEnds {
  readonly head: number;
  readonly tail: number;
}

/** Compares two texts by parts, which costs less than comparing characters. */
export function sameEnds(a: string, b: string): SameEnds {
  const shorter = Math.min(a.length, b.length);
  const head = longest(shorter, (from, to) => a.slice(from, to) === b.slice(from, to));
  const tail = longest(
    shorter - head,
    (from, to) =>
      a.slice(a.length - to, a.length - from) === b.slice(b.length - to, b.length - from),
  );
  return { head, tail };
}

/** The largest number up to `most` for which all is the same from 0 to it; `isSame` compares one part. */
function longest(most: number, isSame: (from: number, to: number) => boolean): number {
  let [same, end] = [0, most];
  while (same < end) {
    const middle = Math.ceil((same + end) / 2);
    if (isSame(same, middle)) same = middle;
    else end = middle - 1;
  }
  return same;
}
