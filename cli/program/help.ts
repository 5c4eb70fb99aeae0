import { Help, type HelpConfiguration } from "commander";

/** The width of the column of headings. */
const headingWidth = 8;

/**
 * The format of `sidekick --help`, which fits one screen of 80×24: a group's heading stands beside its first command, and
 * arguments are left to the help of each command. Commands with the same summary share a line.
 */
export const overviewHelp: HelpConfiguration = {
  helpWidth: 80 - headingWidth,
  subcommandTerm: (command) => command.name(),
  visibleCommands: (command) =>
    new Help().visibleCommands(command).filter((each) => each.name() !== "help"),
  formatItemList: (heading, items) => {
    const lines = sharedLines(items).flatMap((item) => item.split("\n"));
    const column = (i: number) => (i === 0 ? heading : "").padEnd(headingWidth);
    return lines.map((line, i) => `${column(i)}${line}`);
  },
  // The purpose stands right below the usage.
  formatHelp: (command, helper) =>
    `${Help.prototype.formatHelp.call(helper, command, helper).replace("\n\n", "\n")}\n`,
};

/** `a   summary` and `b   summary` as `a, b  summary`. */
function sharedLines(items: readonly string[]): readonly string[] {
  const bySummary = Map.groupBy(items, (item) => item.replace(/^ *\S+ +/, ""));
  return Array.from(bySummary, ([summary, [only = "", ...others]]) => {
    if (others.length === 0) return only;
    const names = [only, ...others].map((item) => item.trim().split(" ", 1)).join(", ");
    const width = only.length - summary.length - indentOf(only).length - 2;
    return `${indentOf(only)}${names.padEnd(width)}  ${summary}`;
  });
}

function indentOf(item: string): string {
  return item.slice(0, item.search(/\S/));
}
