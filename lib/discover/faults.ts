import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  DISCOVER_DUPLICATE_INSTANCE: {
    retry: false,
    message: (d: { service: string; id: string }) =>
      `service ${d.service} names the instance ${d.id} twice: give one of them another address or an id of its own`,
  },
});
