import { formatDuration } from "../base/duration.ts";
import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  DESTINATION_UNREACHABLE: {
    retry: true,
    message: (d: { name: string; at: string; why: string }) =>
      `${d.name} is unreachable at ${d.at}: ${d.why}`,
  },
  DESTINATION_TIMEOUT: {
    retry: true,
    message: (d: { name: string; at: string; action: string; limitMs: number }) =>
      `${d.name} did not ${d.action} within ${formatDuration(d.limitMs)} (${d.at})`,
  },
  DESTINATION_THROTTLED: {
    retry: true,
    message: (d: { name: string; action: string; why: string }) =>
      `${d.name} is throttled: cannot ${d.action} now (${d.why}); the limit counts the requests of all clients of the account in the region`,
  },
  DESTINATION_NOT_FOUND: {
    retry: true,
    message: (d: { name: string; why: string; hint: string }) =>
      `${d.name} does not exist (${d.why}): ${d.hint}`,
  },
  DESTINATION_INSTANCE_REJECTED: {
    retry: true,
    message: (d: { name: string; instance: string; why: string; hint: string }) =>
      `${d.name} rejects ${d.instance}: ${d.why}; ${d.hint}`,
  },
  DESTINATION_ACCESS_DENIED: {
    retry: true,
    message: (d: { name: string; action: string; why: string; hint: string }) =>
      `${d.name}: not permitted to ${d.action} (${d.why}): ${d.hint}`,
  },
  DESTINATION_MACHINE_UNKNOWN: {
    retry: true,
    message: (d: { name: string; lacking: string; why: string; hint: string }) =>
      `${d.name} needs ${d.lacking}, and it is not known: ${d.why}; ${d.hint}`,
  },
  DESTINATION_REFUSED: {
    retry: true,
    message: (d: { name: string; action: string; why: string }) =>
      `${d.name} refused to ${d.action}: ${d.why}`,
  },
  DESTINATION_FAILED: {
    retry: true,
    message: (d: { name: string; action: string; why: string }) =>
      `${d.name} failed to ${d.action}: ${d.why}`,
  },
  DESTINATION_UNREADABLE: {
    retry: true,
    message: (d: { name: string; at: string; action: string; why: string }) =>
      `the response of ${d.at} to the request to ${d.action} is not that of ${d.name}: ${d.why}; check endpoint and proxy`,
  },
  DESTINATION_RECORD_UNWRITABLE: {
    retry: true,
    message: (d: { path: string }) =>
      `the registrations in destinations cannot be recorded in ${d.path}`,
  },
  DESTINATION_RECORD_REJECTED: {
    retry: false,
    message: (d: { path: string; why: string }) =>
      `the record ${d.path} of registrations in destinations is not used: ${d.why}`,
  },
});
