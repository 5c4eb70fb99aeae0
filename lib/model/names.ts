/** Characters that cannot be quoted in every proxy's configuration, and halves of characters, which UTF-8 cannot express. */
const unquotable = /[\p{Cc}\p{Cs}"'`\\;{}#$%]/u;

/** The condition of `isQuotable`, for messages. */
export const quotable = "text without control characters and \"'`\\;{}#$%";

/** The longest name of a service: with more, nginx would match the paths of its locations wrongly. */
const maxServiceLength = 253;

/** Room for the names in which Nerve encodes a value. */
const maxIdLength = 1024;

/** Room for the URLs of Dubbo, which list the methods of an interface. They are in no proxy's file. */
const maxUrlLength = 8192;

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
  const problem = serviceProblem(service);
  if (problem) return problem;
  if (id.includes("/")) return "the key is deeper than <service>/<instance>";
  return (
    lengthProblem(id, maxIdLength) ??
    (isInstanceId(id) ? undefined : "the instance id is invalid in a proxy's file")
  );
}

/** As `nameProblem`, where the last part of the key is a URL that is URL-encoded. */
export function urlNameProblem({ service, id }: Parameters<typeof nameProblem>[0]) {
  return serviceProblem(service) ?? lengthProblem(id, maxUrlLength);
}

function serviceProblem(service: string): string | undefined {
  if (service.length > maxServiceLength) {
    return `the service name has ${service.length} characters: expected at most ${maxServiceLength}`;
  }
  return isServiceName(service) ? undefined : "the service name is invalid in a proxy's file";
}

function lengthProblem({ length }: string, limit: number): string | undefined {
  if (length <= limit) return undefined;
  return `the instance id has ${length} characters: expected at most ${limit}`;
}

/** The current and the parent folder, in a file system and in ZooKeeper. */
function isDots(text: string): boolean {
  return text === "." || text === "..";
}
