import { createHash, type Hash, hash } from "node:crypto";

/** So many characters are between two places at which the digest can go on. */
const partLength = 32 * 1024;

/** A place in a text, and the digest of what is before it. */
interface Place {
  readonly at: number;
  readonly hash: Hash;
}

/**
 * The SHA-256 of the texts that a file has one after the other, in hexadecimal. Of a long text, what it has in common with
 * the beginning of the one before is not digested again.
 */
export class TextDigest {
  #text = "";
  /** In the order of the text, all of them within it. */
  #places: readonly Place[] = [];

  of(text: string): string {
    if (text.length <= partLength) {
      this.#text = "";
      this.#places = [];
      return hash("sha256", text);
    }
    const places = this.#inCommon(text);
    let { at, hash: digest } = places.at(-1) ?? { at: 0, hash: createHash("sha256") };
    digest = digest.copy();
    for (let end = endOfPart(text, at); end < text.length; end = endOfPart(text, at)) {
      digest.update(text.slice(at, end));
      at = end;
      places.push({ at, hash: digest.copy() });
    }
    this.#text = text;
    this.#places = places;
    return digest.update(text.slice(at)).digest("hex");
  }

  /** The places up to which this text is the same as the one before. */
  #inCommon(text: string): Place[] {
    let from = 0;
    const differs = this.#places.findIndex(({ at }) => {
      const isSame = at < text.length && text.slice(from, at) === this.#text.slice(from, at);
      from = at;
      return !isSame;
    });
    return this.#places.slice(0, differs < 0 ? undefined : differs);
  }
}

/** The end of the part that begins there. Not within a pair of surrogates, which stand for one character. */
function endOfPart(text: string, from: number): number {
  let end = from + partLength;
  while ((text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end += 1;
  return end;
}
