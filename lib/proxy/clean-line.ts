const processOfNginx = /^(\[\w+\]) \d+#\d+:/;
const processOfHaproxy = /^(\[\w+\]) +\(\d+\) :/;

/** A line of nginx or haproxy without the process that logged it: the same failure gives the same text. */
export function cleanLine(line: string): string {
  return line.replace(processOfNginx, "$1").replace(processOfHaproxy, "$1");
}
