import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  PRESENCE_REQUESTED_UNWRITABLE: {
    retry: true,
    message: (d: { path: string }) =>
      `the requested drains and weights cannot be saved in ${d.path}`,
  },
  PRESENCE_SIGNING_KEY_UNUSABLE: {
    retry: false,
    message: (d: { path: string; why: string }) =>
      `the private key ${d.path} (presence.sign.key) cannot be used: ${d.why}`,
  },
  PRESENCE_REQUESTED_REJECTED: {
    retry: false,
    message: (d: { path: string; why: string }) =>
      `the saved drains and weights ${d.path} are not used: ${d.why}`,
  },
});
