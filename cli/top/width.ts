/** Characters that take two columns: of East Asian scripts, their full-width forms, and pictures. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

const mark = /\p{M}/u;

/** More than three marks on one letter: a terminal would draw them over the rows around it. */
const manyMarks = /(\p{M}{3})\p{M}+/gu;

const ascii = /^[\x20-\x7e]*$/;

/** The rows of a broken line are indented by so much more than its first one, in columns. */
const hanging = 4;

/** Breaks a printable line into rows of at most `columns`, between words unless that leaves half a row empty. */
export function wrapped(line: string, columns: number): readonly string[] {
  if (line.length <= columns && ascii.test(line)) return [line];
  const indent = line.length - line.trimStart().length + hanging;
  const margin = " ".repeat(indent < columns / 2 ? indent : 0);
  const rows: string[] = [];
  let rest = line.trimEnd().replace(manyMarks, "$1");
  for (;;) {
    const row = fitting(rest, columns);
    if (row.length === rest.length) return [...rows, row];
    const isEnd = rest[row.length] === " ";
    const space = isEnd ? row.length : row.lastIndexOf(" ");
    const end = space > columns / 2 ? space : row.length;
    rows.push(rest.slice(0, end));
    rest = margin + rest.slice(end).trimStart();
  }
}

/** A printable line that takes at most `columns`; where it is cut, the last of them is `…`. */
export function cut(line: string, columns: number): string {
  if (widthOf(line) <= columns) return line.replace(manyMarks, "$1");
  if (columns <= 1) return "…".slice(0, columns);
  return `${fitting(line.replace(manyMarks, "$1"), columns - 1)}…`;
}

/** How many columns a printable text takes. */
export function widthOf(text: string): number {
  if (ascii.test(text)) return text.length;
  return Array.from(text, columnsOf).reduce((sum, one) => sum + one, 0);
}

function columnsOf(character: string): number {
  if (mark.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** The longest start of a text that takes at most `columns`; at least one character. */
function fitting(text: string, columns: number): string {
  let [end, width] = [0, 0];
  for (const character of text) {
    width += columnsOf(character);
    if (width > columns && end > 0) break;
    end += character.length;
  }
  return text.slice(0, end);
}
