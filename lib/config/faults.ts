import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  CONFIG_UNREADABLE: {
    retry: false,
    message: (d: { file: string }) => `the configuration file ${d.file} cannot be read`,
  },
  CONFIG_INVALID: {
    retry: false,
    /** Each line is a problem with its position. */
    message: (d: { lines: readonly string[] }) => d.lines,
  },
});
