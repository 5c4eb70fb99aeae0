import { excerpt, shortened } from "../../base/excerpt.ts";
import { isSecretName } from "../../base/secret.ts";
import type { ListNode, Path, ScalarNode } from "./tree.ts";

/** The value as a message may show it; undefined if a key on the path to it names a secret. */
export function redact(node: ScalarNode | ListNode, path: Path): string | undefined {
  if (path.some((step) => isSecretName(String(step)))) return undefined;
  if (node.kind === "list") return node.items.length === 0 ? "an empty list" : "a list";
  const value = node.written ?? node.value;
  if (value === null) return "empty";
  return typeof value === "string" ? excerpt(withoutLogin(value)) : shortened(String(value));
}

/** Hides the login of a URL, even if the password contains a slash: `etcd://…@10.0.0.1:2379`. */
function withoutLogin(text: string): string {
  return text.replace(/:\/\/.*@/s, "://…@");
}
