import { Help, type HelpConfiguration } from "commander";

/** The width of the column of headings. */
const headingWidth = 8;

/**
 * The format of `sidekick --help`, which fits one screen of 80×24: a group's heading stands beside its first command, and
 * arguments are left to the help of each command.
 */
export const overviewHelp: HelpConfiguration = {
  helpWidth: 80 - headingWidth,
  subcommandTerm: (command) => command.name(),
  visibleCommands: (command) =>
    new Help().visibleCommands(command).filter((each) => each.name() !== "help"),
  formatItemList: (heading, items) => {
    const lines = items.flatMap((item) => item.split("\n"));
    const column = (i: number) => (i === 0 ? heading : "").padEnd(headingWidth);
    return lines.map((line, i) => `${column(i)}${line}`);
  },
  // The purpose stands right below the usage.
  formatHelp: (command, helper) =>
    `${Help.prototype.formatHelp.call(helper, command, helper).replace("\n\n", "\n")}\n`,
};
