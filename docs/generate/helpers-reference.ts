import type { Helpers } from "../../lib/render/helpers/contract.ts";
import { markdownTable } from "./markdown.ts";

/** The table of helpers for the reference page. */
export function helpersReference(helpers: Helpers): string {
  const rows = Object.values(helpers).map(({ usage, gives }) => [`\`${usage}\``, gives]);
  return `${markdownTable(["helper", "gives"], rows)}\n`;
}
