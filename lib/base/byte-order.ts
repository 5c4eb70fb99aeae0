/** The order of the UTF-8 bytes of two texts, for sort. It differs from `<`, the order of UTF-16 units, above U+FFFF only. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** A surrogate is half of a character above U+FFFF, and so comes after every other unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Whether the order of a text among others may depend on the encoding: it has a unit that is not below all surrogates. */
export function dependsOnEncoding(text: string): boolean {
  return /[\ud800-\uffff]/.test(text);
}

/** The texts in the order of their UTF-8 bytes, as etcd, ZooKeeper's clients and Go sort them. */
export function sortedByBytes(texts: Iterable<string>): readonly string[] {
  const sorted = [...texts].sort();
  return sorted.some(dependsOnEncoding) ? sorted.sort(compareBytes) : sorted;
}
