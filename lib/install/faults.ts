import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  INSTALL_CHECK_FAILED: {
    retry: true,
    message: (d: { path: string; words: string }) =>
      `the check of ${d.path} refused the new text (${d.words}); the old file stays`,
  },
  INSTALL_UNWRITABLE: {
    retry: true,
    message: (d: { path: string; words: string }) =>
      `${d.path} cannot be replaced: ${d.words}; the old file stays`,
  },
});
