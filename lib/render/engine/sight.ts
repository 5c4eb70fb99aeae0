import { rootKind, type ValueKind } from "./kinds-of-values.ts";

/** The values in sight at a place of a template. */
export interface Sight {
  /** From the outermost context to the current one. */
  readonly frames: readonly ValueKind[];
  /** The block parameters. */
  readonly names: ReadonlyMap<string, ValueKind>;
  /** The partials around the place. */
  readonly within: readonly string[];
}

/** The context that a block has within; undefined for a block that has none of its own. */
export function innerKind(
  block: string | undefined,
  subject: ValueKind,
): { readonly kind: ValueKind } | undefined {
  if (block === "with") return { kind: subject };
  if (block !== "each") return undefined;
  return { kind: subject && "items" in subject ? subject.items : undefined };
}

export function memberKind(kind: ValueKind, part: string): ValueKind {
  if (kind && "members" in kind) return kind.members[part];
  return kind && "items" in kind && /^\d+$/.test(part) ? kind.items : undefined;
}

/** The value that a path begins with, and its further members; undefined for a variable such as `@index`. */
export function startOf(
  path: hbs.AST.PathExpression,
  { frames, names }: Sight,
): { readonly kind: ValueKind; readonly members: readonly string[] } | undefined {
  const members = path.parts.map(String);
  const [head = "", ...others] = members;
  if (path.data) return head === "root" ? { kind: rootKind, members: others } : undefined;
  const isScoped = /^(\.|this\b)/.test(path.original);
  if (path.depth === 0 && !isScoped && names.has(head)) {
    return { kind: names.get(head), members: others };
  }
  return { kind: frames.at(-1 - path.depth), members };
}
