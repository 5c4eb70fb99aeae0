/** The lines of a table for people, whose columns are as wide as their longest cells. Each row has as many cells as the first one. */
export function tableLines(rows: readonly (readonly string[])[]): readonly string[] {
  const [headings = []] = rows;
  const widths = headings.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
