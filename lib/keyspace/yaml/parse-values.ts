import { type Document, isScalar, parseDocument, type Tags, visit } from "yaml";
import { faults } from "../faults.ts";

/**
 * The values of a document by key: the names of objects and the indexes of lists are the segments of the keys. Numbers and
 * booleans are texts, and null is no value. Throws KEYSPACE_YAML_INVALID.
 */
export function parseValues(text: string, path: string): ReadonlyMap<string, string> {
  const options = {
    // As confd's library reads it: `yes` is true, and `<<` merges.
    version: "1.1",
    intAsBigInt: true,
    merge: true,
    customTags: (tags: Tags) =>
      tags.filter((tag) => typeof tag === "string" || !tag.tag.endsWith(":timestamp")),
  } as const;
  // The parser compares each key with all keys before it: it only looks for the place of one that is repeated.
  const unchecked = parseDocument(text, { ...options, uniqueKeys: false });
  const document = repeatsKey(unchecked) ? parseDocument(text, options) : unchecked;
  const [problem] = document.errors;
  if (problem) throw faults.KEYSPACE_YAML_INVALID({ path, problem: problem.message });
  const values = new Map<string, string>();
  addValues(document.toJS({ mapAsMap: true }), "", values);
  return values;
}

/** Whether a mapping anywhere in the document has a key twice. */
function repeatsKey(document: Document): boolean {
  let isFound = false;
  visit(document, {
    Map(_, { items }) {
      const keys = new Set(items.map(({ key }) => (isScalar(key) ? key.value : key)));
      isFound ||= keys.size < items.length;
      return isFound ? visit.BREAK : undefined;
    },
  });
  return isFound;
}

function addValues(node: unknown, key: string, values: Map<string, string>): void {
  if (Array.isArray(node)) {
    for (const [i, item] of node.entries()) addValues(item, `${key}/${i}`, values);
  } else if (node instanceof Map) {
    for (const [name, item] of node) addValues(item, `${key}${below(String(name))}`, values);
  } else if (key !== "" && node !== null && node !== undefined) {
    values.set(key, typeof node === "number" ? withoutExponent(node) : String(node));
  }
}

/** `/db` for `db`, `/db/`, and `/db/host` for a name that has slashes of its own. */
function below(name: string): string {
  const segments = name.split("/").filter((segment) => segment !== "");
  return segments.map((segment) => `/${segment}`).join("");
}

/** The shortest digits of a number that is no integer, or too large for one, without an exponent. */
function withoutExponent(number: number): string {
  const text = String(number);
  const [, sign = "", first = "", rest = "", exponent = ""] =
    /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  if (exponent === "") return text;
  const shift = Number(exponent);
  if (shift < 0) return `${sign}0.${"0".repeat(-shift - 1)}${first}${rest}`;
  return `${sign}${first}${rest.padEnd(shift, "0")}`;
}
