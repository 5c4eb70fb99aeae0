import type { Fault } from "../base/fault.ts";
import { shortageIn } from "../base/shortage.ts";
import { faults } from "./faults.ts";

/** The fault of a template that was looked for in these places, in this order. */
export function unreadable(looked: readonly string[], cause: unknown): Fault {
  const path = looked[0] ?? "";
  const lack = shortageIn(cause);
  return lack === undefined
    ? faults.RENDER_TEMPLATE_UNREADABLE({ path, looked }, cause)
    : faults.RENDER_RESOURCES_EXHAUSTED({ path, lack }, cause);
}
