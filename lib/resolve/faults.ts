import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  RESOLVE_NO_ANSWER: {
    retry: true,
    message: (d: { names: readonly string[]; why: string }) =>
      `${d.names.slice(0, 3).join(", ")}${d.names.length > 3 ? " and others" : ""} cannot be resolved: ${d.why}`,
  },
  RESOLVE_CACHE_UNWRITABLE: {
    retry: true,
    message: (d: { path: string }) => `${d.path}, the cache of host names, cannot be written`,
  },
});
