/** Characters that cannot be quoted in every proxy's configuration, and halves of characters, which UTF-8 cannot express. */
const unquotable = /[\p{Cc}\p{Cs}"'`\\;{}#$%]/u;

/** The condition of `isQuotable`, for messages. */
export const quotable = "text without control characters and \"'`\\;{}#$%";

/** The longest name of a service: with more, nginx would match the paths of its locations wrongly. */
const maxServiceLength = 253;

/** Room for the names in which Nerve encodes a value. */
const maxIdLength = 1024;

/** Whether the text can be written, quoted if need be, into every kind of rendered file. */
export function isQuotable(text: string): boolean {
  return !unquotable.test(text);
}

/** Whether the text is valid as the name of a service: a folder in the keyspace, and a section in a proxy's configuration. */
export function isServiceName(text: string): boolean {
  return text.length <= maxServiceLength && /^[A-Za-z0-9_.:-]+$/.test(text) && !isDots(text);
}

/** Whether the text is valid as the last part of an instance's key. */
export function isInstanceId(text: string): boolean {
  return text.length <= maxIdLength && /^[^\s/]+$/u.test(text) && isQuotable(text) && !isDots(text);
}

/** Why the parts of a key are no names of a service and an instance: a clause; undefined if they are. */
export function nameProblem({
  service,
  id,
}: {
  readonly service: string;
  readonly id: string;
}): string | undefined {
  if (service.length > maxServiceLength) {
    return `the service name has ${service.length} characters: expected at most ${maxServiceLength}`;
  }
  if (!isServiceName(service)) return "the service name is invalid in a proxy's file";
  if (id.includes("/")) return "the key is deeper than <service>/<instance>";
  if (id.length > maxIdLength) {
    return `the instance id has ${id.length} characters: expected at most ${maxIdLength}`;
  }
  return isInstanceId(id) ? undefined : "the instance id is invalid in a proxy's file";
}

/** The current and the parent folder, in a file system and in ZooKeeper. */
function isDots(text: string): boolean {
  return text === "." || text === "..";
}
