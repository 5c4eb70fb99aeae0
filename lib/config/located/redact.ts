import { shortened } from "../../base/excerpt.ts";
import type { ListNode, Path, ScalarNode } from "./tree.ts";

const secret = /passw|secret|token|credential|authorization|cookie|api-?key/i;

/** A value as a message may show it; undefined where nothing of it may be seen. */
export function redact(tree: ScalarNode | ListNode, path: Path): string | undefined {
  if (path.some((step) => secret.test(String(step)))) return undefined;
  if (tree.kind === "list") return tree.items.length === 0 ? "an empty list" : "a list";
  const value = tree.written ?? tree.value;
  if (value === null) return "empty";
  const text = typeof value === "string" ? JSON.stringify(masked(value)) : String(value);
  return shortened(text);
}

/** Without the password of a URL, even of one with a slash in it: `etcd://…@10.0.0.1:2379`. */
function masked(text: string): string {
  return text.replace(/:\/\/.*@/s, "://…@");
}
