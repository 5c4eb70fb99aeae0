/**
 * The index of the first item of a sorted list that is not less than `text`; the length of the list if there is none. Without
 * `isLess`, the order is that of JavaScript: by UTF-16 code unit.
 */
export function lowerBound(
  sorted: readonly string[],
  text: string,
  isLess = (a: string, b: string): boolean => a < b,
): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isLess(sorted[middle] ?? "", text)) low = middle + 1;
    else high = middle;
  }
  return low;
}
