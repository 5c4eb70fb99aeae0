import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  PRESENCE_KEY_CONFLICT: {
    retry: false,
    message: (d: { key: string }) =>
      `two instances want to be announced at ${d.key}: give one of them an id of its own`,
  },
});
