const nginxProcess = /^(\[\w+\]) \d+#\d+:/;
const haproxyProcess = /^(\[\w+\]) +\(\d+\) :/;

/** Removes the process id from a log line of nginx or haproxy, so that the same failure always gives the same text. */
export function cleanLine(line: string): string {
  return line.replace(nginxProcess, "$1").replace(haproxyProcess, "$1");
}
