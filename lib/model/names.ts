/** Characters that cannot be quoted in every proxy's configuration, and halves of characters, which UTF-8 cannot express. */
const unquotable = /[\p{Cc}\p{Cs}"'`\\;{}#$%]/u;

/** The condition of `isQuotable`, for messages. */
export const quotable = "text without control characters and \"'`\\;{}#$%";

/** Whether the text can be written, quoted if need be, into every kind of rendered file. */
export function isQuotable(text: string): boolean {
  return !unquotable.test(text);
}

/** Whether the text is valid as the name of a service: a folder in the keyspace, and a section in a proxy's configuration. */
export function isServiceName(text: string): boolean {
  return /^[A-Za-z0-9_.:-]+$/.test(text) && !isDots(text);
}

/** Whether the text is valid as the last part of an instance's key. */
export function isInstanceId(text: string): boolean {
  return /^[^\s/]+$/u.test(text) && isQuotable(text) && !isDots(text);
}

/** The current and the parent folder, in a file system and in ZooKeeper. */
function isDots(text: string): boolean {
  return text === "." || text === "..";
}
