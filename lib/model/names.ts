/** What no proxy's configuration can quote everywhere. */
const unquotable = /[\p{Cc}"'`\\;{}#$%]/u;

/** What a text has to be for `isQuotable`, in words. */
export const quotable = "text without control characters and \"'`\\;{}#$%";

/** Whether every kind of file that is rendered can carry the text, in quotes where it needs them. */
export function isQuotable(text: string): boolean {
  return !unquotable.test(text);
}

/** Whether it can name a service: a folder in the keyspace, and a section in a proxy's configuration. */
export function isServiceName(text: string): boolean {
  return /^[A-Za-z0-9_.:-]+$/.test(text) && !isDots(text);
}

/** Whether it can be the last part of an instance's key. */
export function isInstanceId(text: string): boolean {
  return /^[^\s/]+$/u.test(text) && isQuotable(text) && !isDots(text);
}

/** The folder itself and the one above it, to a file system and to ZooKeeper. */
function isDots(text: string): boolean {
  return text === "." || text === "..";
}
