/** What a parameter of a function accepts. `any` is everything; a list or a map may be nil, which is an empty one. */
export type Kind =
  | "any"
  | "string"
  | "bool"
  | "int"
  | "int64"
  | "float64"
  | "map[string]interface {}"
  | "[]string"
  | "[]interface {}"
  | "[]memkv.KVPair";

export interface Parameter {
  readonly name: string;
  readonly kind: Kind;
}

/** The declaration of a function. */
export interface Signature {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** The last parameter, of which there may be any number. */
  readonly rest: Parameter | undefined;
  /** The type of the result; `any` if it depends on the arguments. */
  readonly result: string;
}

/**
 * Reads a declaration in the notation of Go: `replace(text, old, new string, count int) string`, `print(values ...any) string`.
 * `map` and `[]any` are short for the types of their members.
 */
export function parseSignature(declaration: string): Signature {
  const parts = /^(\w+)\((.*)\) (.+)$/.exec(declaration);
  if (!parts) throw new Error(`${declaration} is not a declaration`);
  const [, name = "", list = "", result = ""] = parts;
  const declared = list === "" ? [] : list.split(", ");
  let kind = "any";
  let rest: Parameter | undefined;
  const parameters: Parameter[] = [];
  for (const one of declared.toReversed()) {
    const [parameter = "", type] = one.split(" ");
    kind = type ?? kind;
    if (kind.startsWith("...")) rest = { name: parameter, kind: expanded(kind.slice(3)) as Kind };
    else parameters.unshift({ name: parameter, kind: expanded(kind) as Kind });
  }
  return { name, parameters, rest, result: expanded(result) };
}

function expanded(type: string): string {
  if (type === "map") return "map[string]interface {}";
  if (type === "pairs") return "memkv.KVPairs";
  return type === "[]any" ? "[]interface {}" : type;
}
