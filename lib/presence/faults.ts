import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  PRESENCE_KEY_CONFLICT: {
    retry: false,
    say: (d: { key: string }) =>
      `two instances would be registered at ${d.key}: give one of them an id of its own`,
  },
});
