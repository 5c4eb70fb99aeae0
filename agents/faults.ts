import { formatDuration } from "../lib/base/duration.ts";
import { catalogue } from "../lib/base/fault.ts";

export const faults = catalogue({
  AGENT_SECTION_MISSING: {
    retry: false,
    message: (d: { files: readonly string[]; section: string }) =>
      `${d.files.join(", ")} has no ${d.section} section: there is nothing to do`,
  },
  CLI_TEMPLATE_UNKNOWN: {
    retry: false,
    message: (d: { name: string; known: readonly string[] }) =>
      `no template is called ${d.name}: the configuration has ${d.known.join(", ")}`,
  },
  CLI_FIXTURE_UNREADABLE: {
    retry: false,
    message: (d: { path: string }) => `the fixture ${d.path} cannot be read`,
  },
  CLI_KEYSPACE_INVALID: {
    retry: false,
    message: (d: { problem: string }) => d.problem,
  },
  CLI_KEY_NOT_FOUND: {
    retry: true,
    message: (d: { url: string; key: string }) => `${d.url} has no key ${d.key}`,
  },
  AGENT_SHUTDOWN_TIMEOUT: {
    retry: true,
    message: (d: { limitMs: number }) =>
      `leaving was not done after ${formatDuration(d.limitMs)}: what is still registered vanishes with its time to live`,
  },
  CLI_CHECK_FAILED: {
    retry: false,
    message: (d: { problems: readonly string[] }) => d.problems.join("\n"),
  },
});
