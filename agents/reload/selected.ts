import type { Plan } from "../../lib/config/plan.ts";
import type { Selection } from "../../lib/status/paths.ts";

/** The part of a configuration that the selected agents use. A program runs only beside all of them. */
export function selected(
  { presence, watch, exec, ...plan }: Plan,
  { section }: Pick<Selection, "section">,
): Plan {
  return {
    ...plan,
    ...(presence && section !== "watch" && { presence }),
    ...(watch && section !== "presence" && { watch }),
    ...(exec?.run && section === "any" && { exec }),
  };
}
