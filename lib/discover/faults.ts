import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  DISCOVER_DUPLICATE_INSTANCE: {
    retry: false,
    message: (d: { service: string; id: string }) =>
      `service ${d.service} has two instances with the id ${d.id}: give one of them another address or an id of its own`,
  },
});
