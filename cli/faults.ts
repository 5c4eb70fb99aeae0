import { catalogue } from "../lib/base/fault.ts";

export const faults = catalogue({
  CLI_TURN_UNKNOWN: {
    retry: false,
    message: (d: { name: string; keyspace: string }) =>
      `no entry of a turn in ${d.keyspace} is that of ${d.name}: sidekick turns lists them`,
  },
  CLI_CHECK_FAILED: {
    retry: false,
    /** Each one is a sentence that begins with its position. */
    message: ({ problems }: { problems: readonly string[] }) =>
      problems.length === 1 ? problems : [`${problems.length} problems`, ...problems],
  },
  CLI_DIFF_NOTHING_BEFORE: {
    retry: false,
    message: (d: { n: number }) =>
      `the journal has no generation of these files before ${d.n}: name the one to compare with`,
  },
  CLI_DIFF_NOT_KEPT: {
    retry: false,
    message: (d: { n: number; target: string; isThere: boolean }) =>
      d.isThere
        ? `the text of ${d.target} in generation ${d.n} was not kept: those of reloads and refusals are, and of others five in a row, then one a minute, of the last 20; sidekick history --json has the values that changed`
        : `generation ${d.n} has no text of ${d.target}`,
  },
  CLI_EXPLAIN_NO_AGENT: {
    retry: true,
    message: (d: { why: string }) =>
      `${d.why}: explain asks a running agent, so start it first; sidekick history -c has what a stopped one changed, and why`,
  },
  CLI_FILE_EXISTS: {
    retry: false,
    message: (d: { path: string; why: string }) =>
      `${d.path} exists already and ${d.why}: nothing was written; remove it, or write to another folder`,
  },
  CLI_FILE_UNWRITABLE: {
    retry: true,
    message: (d: { path: string }) => `${d.path} cannot be written`,
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
  CLI_KEY_UNREADABLE: {
    retry: true,
    message: (d: { key: string; why: string }) => `${d.key} cannot be read: ${d.why}`,
  },
  CLI_PROGRAM_NOT_FOUND: {
    retry: false,
    message: (d: { name: string }) => `there is no program ${d.name} that this user may run`,
  },
  CLI_VARIABLE_UNPRINTABLE: {
    retry: false,
    message: (d: { name: string; format: string; why: string }) =>
      `${d.name} cannot be printed as ${d.format}: ${d.why}; json holds every value`,
  },
  CLI_TEMPLATE_UNKNOWN: {
    retry: false,
    message: (d: { name: string; known: readonly string[] }) =>
      `there is no template ${d.name}: the configuration has ${d.known.join(", ")}`,
  },
});
