import { formatDuration } from "../lib/base/duration.ts";
import { catalogue } from "../lib/base/fault.ts";

export const faults = catalogue({
  AGENT_SECTION_MISSING: {
    retry: false,
    message: (d: { files: readonly string[]; section: string }) =>
      `${d.files.join(", ")} has no ${d.section} section: there is nothing to do`,
  },
  AGENT_RESOURCES_EXHAUSTED: {
    retry: true,
    message: (d: { work: string; lack: string }) => `${d.work} cannot go on: ${d.lack}`,
  },
  AGENT_KEYSPACE_TIMEOUT: {
    retry: true,
    message: (d: { limitMs: number; reason: string }) =>
      `the keyspace was not read within ${formatDuration(d.limitMs)}: ${d.reason}`,
  },
  AGENT_ONCE_INCOMPLETE: {
    retry: true,
    /** A reason for each file, or for the files of one proxy, that is not done. */
    message: ({ reasons, all }: { reasons: readonly string[]; all: number }) =>
      all === 1 ? reasons : [`${reasons.length} of ${all} targets are not done`, ...reasons],
  },
  AGENT_LABEL_CHECKS_DELAYED: {
    retry: true,
    message: (d: { perSecond: number }) =>
      `labels of containers ask for more than ${d.perSecond} probes per second: each check of theirs runs less often than asked for; set longer intervals`,
  },
  AGENT_FILE_UNKNOWN: {
    retry: false,
    message: (d: { path: string; targets: readonly string[] }) =>
      `this sidekick does not write ${d.path}: it writes ${d.targets.slice(0, 20).join(", ") || "no file"}`,
  },
  AGENT_LINE_UNKNOWN: {
    retry: false,
    message: (d: { target: string; count: number }) =>
      `${d.target} has ${d.count} ${d.count === 1 ? "line" : "lines"}`,
  },
  AGENT_SHUTDOWN_TIMEOUT: {
    retry: true,
    message: (d: { limitMs: number }) =>
      `shutdown did not finish within ${formatDuration(d.limitMs)}; remaining entries expire with their TTL`,
  },
});
