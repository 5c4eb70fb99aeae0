/**
 * The manual page of a page in Markdown: headings, paragraphs, lists, code and tables, which become lists of their first cells. See
 * man-pages(7) and groff_man(7).
 */
export function manPage(markdown: string, name: string, summary: string, version: string): string {
  const lines = markdown.split("\n").filter((line) => !/^(<!--|# )/.test(line));
  const title = `.TH ${name.toUpperCase()} 1 "" "${name} ${version}" "User Commands"`;
  const head = [title, ".SH NAME", `${name} \\- ${summary}`, ".SH SYNOPSIS"];
  const [usage = [], description] = splitAfterCode(lines);
  const body = [...blocks(usage), ".SH DESCRIPTION", ...blocks(description)];
  return `${[...head, ...body].join("\n")}\n`;
}

/** The usage, which stands first as code, and the rest. */
function splitAfterCode(lines: readonly string[]) {
  const end = lines.findIndex((line, i) => line === "```" && i > 0) + 1;
  return [lines.slice(0, end), lines.slice(end)] as const;
}

function blocks(lines: readonly string[]): readonly string[] {
  const roff: string[] = [];
  let paragraph: string[] = [];
  const endParagraph = () => {
    if (paragraph.length > 0) roff.push(".PP", inline(paragraph.join(" ")));
    paragraph = [];
  };
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i] ?? "";
    const block = /^(#|```|\||- )/.exec(line)?.[1];
    if (block === undefined) {
      if (line === "") endParagraph();
      else paragraph.push(line);
      continue;
    }
    endParagraph();
    const isSame = { "#": /^$/, "```": /^(?!```$)/, "|": /^\|/, "- ": /^(- | {2})/ }[block];
    const rest = block === "#" ? [] : takeWhile(lines.slice(i + 1), isSame ?? /^$/);
    roff.push(...(formats[block]?.([line, ...rest]) ?? []));
    i += rest.length + (block === "```" ? 1 : 0);
  }
  endParagraph();
  return roff;
}

function takeWhile(lines: readonly string[], isWanted: RegExp): readonly string[] {
  const end = lines.findIndex((line) => !isWanted.test(line));
  return end < 0 ? lines : lines.slice(0, end);
}

/** By the beginning of its first line, a block as lines of roff. */
const formats: Readonly<Record<string, (lines: readonly string[]) => readonly string[]>> = {
  "#": ([line = ""]) => {
    const [, level = "", text = ""] = /^(#+) (.*)$/.exec(line) ?? [];
    return [
      `${level === "##" ? ".SH" : ".SS"} ${inline(level === "##" ? text.toUpperCase() : text)}`,
    ];
  },
  "```": ([, ...code]) => [".PP", ".in +4n", ".EX", ...code.map(literal), ".EE", ".in"],
  "- ": (lines) => {
    const items = lines.join("\n").split(/^- /m).filter(Boolean);
    return items.flatMap((item) => [".IP \\(bu 2", inline(item.replace(/\s+/g, " ").trim())]);
  },
  "|": ([, , ...rows]) => rows.flatMap(tableRow),
};

function tableRow(row: string): readonly string[] {
  const [term = "", ...cells] = row.split(/(?<!\\)\|/).slice(1, -1);
  const rest = cells.map((cell) => cell.trim()).filter((cell) => cell !== "");
  return [".TP", inline(term.trim()), inline(rest.join("; ")) || "\\&"];
}

/** Code and strong text in bold, links as their text. */
function inline(text: string): string {
  const plain = text.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("\\|", "|");
  return plain
    .split(/(`[^`]+`|\*\*[^*]+\*\*)/)
    .map((part, i) =>
      i % 2 ? `\\fB${escaped(part.replace(/^(`|\*\*)|(`|\*\*)$/g, ""))}\\fR` : escaped(part),
    )
    .join("")
    .replace(/^([.'])/, "\\&$1");
}

function literal(line: string): string {
  return escaped(line).replace(/^([.'])/, "\\&$1");
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("…", "...");
}
