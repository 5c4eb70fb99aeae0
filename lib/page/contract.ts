/** A part of the page: text, or an element of it. Neither knows any HTML: that is escaped where it is written. */
export type Part = string | PageElement;

export interface PageElement {
  readonly tag: string;
  readonly attributes: Attributes;
  /** No two strings side by side, and none empty: a browser would join them, and count other parts than the agent. */
  readonly parts: readonly Part[];
  /** Identifies it among its siblings in the next tree; never shown. By default its place does. */
  readonly key: string | undefined;
}

/** All that an element may have: nothing that runs, and no address that an entry could choose. */
export type Attributes = Readonly<Partial<Record<Attribute, string>>>;

type Attribute =
  | ("class" | "id" | "title" | "hidden" | "role" | "scope" | "type" | "datetime" | "colspan")
  | ("href" | "data-copy" | "data-diff" | "tabindex")
  | ("aria-live" | "aria-hidden" | "aria-label" | "aria-labelledby")
  // Of drawings.
  | ("viewBox" | "preserveAspectRatio" | "x" | "width" | "height");

/** Parts that may be absent, such as `isDown && element(…)`. */
type Given = Part | false | undefined | readonly Given[];

export function element(tag: string, attributes: Attributes, ...given: Given[]): PageElement {
  return { tag, attributes, parts: joined(given), key: undefined };
}

export function keyed(key: string, { tag, attributes, parts }: PageElement): PageElement {
  return { tag, attributes, parts, key };
}

function joined(given: readonly Given[]): readonly Part[] {
  const parts: Part[] = [];
  const add = (one: Given): void => {
    if (one === false || one === undefined || one === "") return;
    if (Array.isArray(one)) {
      for (const inner of one as readonly Given[]) add(inner);
      return;
    }
    const part = one as Part;
    const last = parts.at(-1);
    if (typeof part === "string" && typeof last === "string") parts[parts.length - 1] = last + part;
    else parts.push(part);
  };
  add(given);
  return parts;
}
