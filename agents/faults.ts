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
  AGENT_ARRIVALS_UNWRITABLE: {
    retry: true,
    message: (d: { path: string }) =>
      `${d.path}, the file of new instances beside the snapshot cache, cannot be written`,
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
  AGENT_KEY_INVALID: {
    retry: false,
    message: (d: { asked: string }) =>
      `${d.asked} is not a key: expected a full key such as /services/web/10.0.0.1:80, or an instance such as web/10.0.0.1:80`,
  },
  AGENT_KEY_UNKNOWN: {
    retry: false,
    message: (d: { key: string; similar: readonly string[] }) => {
      const similar = d.similar.length > 0 ? `; similar: ${d.similar.join(", ")}` : "";
      return `there is no entry ${d.key} that a template can read, so nothing would change without it${similar}`;
    },
  },
  AGENT_PIN_OTHER_FILES: {
    retry: false,
    message: (d: { n: number; group: string }) =>
      `generation ${d.n} is of ${d.group}, and this sidekick does not write the same files`,
  },
  AGENT_PIN_NOT_KEPT: {
    retry: false,
    message: (d: { n: number; target: string }) =>
      `generation ${d.n} cannot be pinned, for its text of ${d.target} was not kept: those of reloads and refusals are, and of others five in a row, then one a minute, of the last 20`,
  },
  AGENT_SEARCH_WAITS: {
    retry: true,
    message: (d: { files: string }) =>
      `the search for the entries because of which ${d.files} is refused waits for its turn to reload`,
  },
  AGENT_PIN_BUSY: {
    retry: true,
    message: (d: { group: string }) => `another generation of ${d.group} is about to be pinned`,
  },
  AGENT_PIN_REFUSED: {
    retry: true,
    message: (d: { n: number; why: string }) =>
      `generation ${d.n} is not pinned, and nothing has changed: ${d.why}`,
  },
  AGENT_PROGRAM_MISSING: {
    retry: false,
    message: ({ files }: { files: readonly string[] }) =>
      `there is no program to run: name it after --, or by exec.run in ${files.join(", ") || "a configuration"}`,
  },
  AGENT_PROGRAM_ENDED: {
    retry: true,
    message: (d: { name: string; how: string }) => `${d.name} has ended: ${d.how}`,
  },
  AGENT_VARIABLE_INVALID: {
    retry: true,
    message: (d: { name: string }) =>
      `the value of ${d.name} contains a NUL character, which no variable of an environment can hold`,
  },
  AGENT_RELOAD_REFUSED: {
    retry: false,
    /** The sentences of what is wrong, each with its position. */
    message: ({ problems }: { problems: readonly string[] }) => [
      "the configuration is refused, and the running one is kept",
      ...problems,
    ],
  },
  AGENT_RELOAD_NEEDS_RESTART: {
    retry: false,
    message: (d: { settings: readonly string[] }) =>
      `a running agent cannot change ${d.settings.join(", ")}: restart it`,
  },
  AGENT_RELOAD_UNSUPPORTED: {
    retry: false,
    message: () => "this agent cannot reload its configuration: restart it",
  },
  AGENT_SHUTDOWN_TIMEOUT: {
    retry: true,
    message: (d: { limitMs: number }) =>
      `shutdown did not finish within ${formatDuration(d.limitMs)}; remaining entries expire with their TTL`,
  },
});
