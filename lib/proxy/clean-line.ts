const nginxProcess = /^(\[\w+\]) \d+#\d+:/;
const haproxyProcess = /^(\[\w+\]) +\(\d+\) :/;

/** Lines of haproxy that accompany every error, and add nothing. */
const accompanying = [
  /^\[NOTICE\] +\(\d+\) : (haproxy version is|path to executable is) /,
  /^\[ALERT\] +\(\d+\) : config : (Error\(s\) found in configuration file :|Fatal errors found in configuration)/,
];

/**
 * Removes the process id from a log line of nginx or haproxy, so that the same failure always gives the same text. Empty for
 * a line that adds nothing.
 */
export function cleanLine(line: string): string {
  if (accompanying.some((pattern) => pattern.test(line))) return "";
  return line.replace(nginxProcess, "$1").replace(haproxyProcess, "$1");
}
