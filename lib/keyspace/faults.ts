import { formatDuration } from "../base/duration.ts";
import { excerpt } from "../base/excerpt.ts";
import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  KEYSPACE_URL_INVALID: {
    retry: false,
    message: (d: { url: string; why: string }) => `the keyspace ${d.url} cannot be used: ${d.why}`,
  },
  KEYSPACE_CREDENTIALS_UNREADABLE: {
    retry: true,
    message: (d: { url: string; name: string; path: string }) =>
      `${d.path}, the ${d.name} for the keyspace ${d.url}, cannot be read`,
  },
  KEYSPACE_CERTIFICATES_INVALID: {
    retry: true,
    message: (d: { url: string }) =>
      `the ca, cert and key for the keyspace ${d.url} cannot be used: are they PEM, and do cert and key belong together?`,
  },
  KEYSPACE_UNREACHABLE: {
    retry: true,
    message: (d: { url: string }) => `the keyspace ${d.url} does not answer`,
  },
  KEYSPACE_PERMISSION_DENIED: {
    retry: true,
    message: (d: { url: string; what: string }) =>
      `the keyspace ${d.url} does not let us ${d.what}: check the user and what it has been granted`,
  },
  KEYSPACE_REFUSED: {
    retry: true,
    message: (d: { url: string; what: string }) => `the keyspace ${d.url} refused to ${d.what}`,
  },
  KEYSPACE_KEY_CONFLICT: {
    retry: true,
    message: (d: { key: string; value: string }) =>
      `the key ${d.key} is held by another agent as ${excerpt(d.value, 120)}: give one of the two instances another id, or stop that agent`,
  },
  KEYSPACE_WATCH_ENDED: {
    retry: true,
    message: (d: { url: string; why: string }) =>
      `the keyspace ${d.url} no longer tells us what changes: ${d.why}`,
  },
  KEYSPACE_SESSION_EXPIRED: {
    retry: true,
    message: (d: { url: string; ttlMs: number }) =>
      `the keyspace ${d.url} dropped our session (time to live ${formatDuration(d.ttlMs)}) and its entries`,
  },
  KEYSPACE_SNAPSHOT_REJECTED: {
    retry: false,
    message: (d: { path: string; why: string }) =>
      `what was last known of the keyspace, ${d.path}, is not used: ${d.why}`,
  },
  KEYSPACE_SNAPSHOT_UNWRITABLE: {
    retry: true,
    message: (d: { path: string }) =>
      `what is known of the keyspace cannot be kept in ${d.path}: name a file that can be written in watch.snapshotCache`,
  },
});
