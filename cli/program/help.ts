import { Help, type HelpConfiguration } from "commander";

/** The width of the column of headings. */
const headingWidth = 8;

/** The commands that stand on the line of another one, whose summary describes both. */
const together: ReadonlyMap<string, string> = new Map([
  ["history", "diff"],
  ["ls", "get"],
]);

/**
 * The format of `sidekick --help`, which fits one screen of 80×24: a group's heading stands beside its first command, and
 * arguments are left to the help of each command.
 */
export const overviewHelp: HelpConfiguration = {
  helpWidth: 80 - headingWidth,
  subcommandTerm: (command) => {
    const other = together.get(command.name());
    return other === undefined ? command.name() : `${command.name()}, ${other}`;
  },
  visibleCommands: (command) => {
    const elsewhere = ["help", ...together.values()];
    return new Help().visibleCommands(command).filter((each) => !elsewhere.includes(each.name()));
  },
  formatItemList: (heading, items) => {
    const lines = items.flatMap((item) => item.split("\n"));
    const column = (i: number) => (i === 0 ? heading : "").padEnd(headingWidth);
    return lines.map((line, i) => `${column(i)}${line}`);
  },
  formatHelp: (command, helper) => `${Help.prototype.formatHelp.call(helper, command, helper)}\n`,
};
