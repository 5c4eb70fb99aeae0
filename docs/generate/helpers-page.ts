import { helpers } from "../../lib/render/helpers/all.ts";
import { markdownTable } from "./markdown.ts";

/** The table of every template helper, for `docs/helpers.md`. */
export function helpersReference(): string {
  const rows = Object.values(helpers).map(({ usage, returns }) => [`\`${usage}\``, returns]);
  return markdownTable(["helper", "returns"], rows);
}
