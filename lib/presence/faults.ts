import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  PRESENCE_REQUESTED_UNWRITABLE: {
    retry: true,
    message: (d: { path: string }) =>
      `the requested drains and weights cannot be saved in ${d.path}`,
  },
  PRESENCE_REQUESTED_REJECTED: {
    retry: false,
    message: (d: { path: string; why: string }) =>
      `the saved drains and weights ${d.path} are not used: ${d.why}`,
  },
});
