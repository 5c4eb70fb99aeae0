import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  JOURNAL_UNWRITABLE: {
    retry: true,
    message: (d: { folder: string }) =>
      `the journal ${d.folder} cannot be written: history and diff lack what happens meanwhile`,
  },
  JOURNAL_UNREADABLE: {
    retry: true,
    message: (d: { folder: string }) => `the journal ${d.folder} cannot be read`,
  },
  JOURNAL_PINS_REJECTED: {
    retry: false,
    message: (d: { path: string; why: string }) =>
      `the saved pins ${d.path} cannot be used: ${d.why}`,
  },
  JOURNAL_PINS_UNWRITABLE: {
    retry: true,
    message: (d: { path: string }) =>
      `the pins cannot be saved in ${d.path}, and would not survive a restart: nothing was changed`,
  },
  JOURNAL_NO_GENERATION: {
    retry: false,
    message: (d: { n: number; latest: number | undefined }) =>
      d.latest === undefined
        ? `there is no generation ${d.n}: the journal is empty`
        : `there is no generation ${d.n} in the journal: the latest is ${d.latest}, and sidekick history lists them`,
  },
});
