import type { Helpers } from "./helpers/contract.ts";

/** The table of helpers for the reference page. */
export function helpersReference(helpers: Helpers): string {
  const rows = Object.values(helpers).map(
    ({ usage, gives }) => `| \`${usage}\` | ${cell(gives)} |`,
  );
  return ["| helper | gives |", "| --- | --- |", ...rows, ""].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
