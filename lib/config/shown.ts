import { type Path, plain, type Tree } from "./tree.ts";

const secret = /passw|secret|token|credential|authorization|cookie|api-?key/i;

/** A value as a message may show it; undefined where nothing of it may be seen. */
export function shown(tree: Tree, path: Path): string | undefined {
  if (path.some((step) => secret.test(String(step)))) return undefined;
  if (tree.kind === "list") return tree.items.length === 0 ? "an empty list" : "a list";
  if (tree.kind === "section") return "a section";
  const value = tree.written ?? plain(tree);
  if (value === null) return "empty";
  const text = typeof value === "string" ? JSON.stringify(masked(value)) : String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** Without the password of a URL: `etcd://…@10.0.0.1:2379`. */
export function masked(text: string): string {
  return text.replaceAll(/:\/\/[^\s/]*@/g, "://…@");
}
