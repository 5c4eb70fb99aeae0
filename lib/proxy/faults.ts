import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  PROXY_NOT_RUNNING: {
    retry: true,
    message: (d: { title: string; why: string }) =>
      `${d.title} is not running (${d.why}): it will read the new files when it starts`,
  },
  PROXY_UNREACHABLE: {
    retry: true,
    message: (d: { title: string; why: string }) =>
      `${d.title} cannot be told to reload (${d.why}): does it run as a user whom we may signal or ask?`,
  },
  PROXY_REJECTED: {
    retry: true,
    message: (d: { title: string; words: string }) =>
      `${d.title} did not take the new files and goes on as before: ${d.words}`,
  },
  PROXY_COMMAND_FAILED: {
    retry: true,
    message: (d: { title: string; words: string }) => `${d.title} failed: ${d.words}`,
  },
});
