import { formatDuration } from "../base/duration.ts";
import { catalogue } from "../base/fault.ts";
import { excerptOf } from "../base/secret.ts";

export const faults = catalogue({
  KEYSPACE_URL_INVALID: {
    retry: false,
    message: (d: { url: string; why: string }) => `the keyspace URL ${d.url} is invalid: ${d.why}`,
  },
  KEYSPACE_CREDENTIALS_UNREADABLE: {
    retry: true,
    message: (d: { url: string; name: string; path: string }) =>
      `cannot read ${d.path}, the ${d.name} of the keyspace ${d.url}`,
  },
  KEYSPACE_CERTIFICATES_INVALID: {
    retry: true,
    message: (d: { url: string }) =>
      `the ca, cert and key of the keyspace ${d.url} are invalid: check that they are PEM files and that cert and key belong together`,
  },
  KEYSPACE_UNREACHABLE: {
    retry: true,
    message: (d: { url: string }) => `the keyspace ${d.url} is unreachable`,
  },
  KEYSPACE_PERMISSION_DENIED: {
    retry: true,
    message: (d: { url: string; what: string; reason: Denial }) =>
      `${d.reason}: cannot ${d.what} (keyspace ${d.url}): check the credentials and what they permit`,
  },
  KEYSPACE_REFUSED: {
    retry: true,
    message: (d: { url: string; what: string }) =>
      `the keyspace ${d.url} rejected the request to ${d.what}`,
  },
  KEYSPACE_NO_PAST: {
    retry: false,
    message: (d: { url: string; revision: string }) =>
      `the keyspace ${d.url} keeps no earlier revisions, so that it cannot be read at ${d.revision}: only etcd keeps them`,
  },
  KEYSPACE_REVISION_INVALID: {
    retry: false,
    message: (d: { revision: string; expected: string }) =>
      `${d.revision} is not a revision of the keyspace: expected ${d.expected}`,
  },
  KEYSPACE_REVISION_UNAVAILABLE: {
    retry: false,
    message: (d: { url: string; revision: string; why: string }) =>
      `the keyspace ${d.url} cannot be read at revision ${d.revision}: ${d.why}`,
  },
  KEYSPACE_READ_ONLY: {
    retry: false,
    message: (d: { url: string }) =>
      `the keyspace ${d.url} is read only: instances cannot be registered there`,
  },
  KEYSPACE_YAML_UNREADABLE: {
    retry: true,
    message: (d: { path: string }) => `${d.path}, which has keys of the keyspace, cannot be read`,
  },
  KEYSPACE_YAML_INVALID: {
    retry: true,
    message: (d: { path: string; problem: string }) =>
      `${d.path}, which has keys of the keyspace, is not valid YAML or JSON: ${d.problem.split("\n")[0]}`,
  },
  KEYSPACE_NO_CLUSTER: {
    retry: true,
    message: (d: { url: string }) =>
      `the keyspace ${d.url} is that of the cluster in which this process runs, but it runs in no pod with a service account: write kubernetes://host:6443/namespace`,
  },
  KEYSPACE_SRV_LOOKUP_FAILED: {
    retry: true,
    message: (d: { url: string }) => `the SRV records of the keyspace ${d.url} cannot be looked up`,
  },
  KEYSPACE_KEY_CONFLICT: {
    retry: true,
    message: (d: { key: string; value: string }) =>
      `the key ${d.key} is held by another agent as ${excerptOf(d.key, d.value, 120)}: give one of the two instances another id, or stop that agent`,
  },
  KEYSPACE_KEY_HELD: {
    retry: true,
    message: (d: { key: string; owner: string }) =>
      `the key ${d.key} is held by another agent with the same value (session ${d.owner}): it is taken over when that agent stops`,
  },
  KEYSPACE_WATCH_ENDED: {
    retry: true,
    message: (d: { url: string; why: string }) =>
      `the watch of the keyspace ${d.url} ended: ${d.why}`,
  },
  KEYSPACE_LIST_WAITS: {
    retry: true,
    message: (d: { url: string; entries: number; bytes: number }) =>
      `the keyspace ${d.url} is reachable again, but has to be listed anew (about ${d.entries} entries, ${(d.bytes / 1e6).toFixed(2)} MB): all watchers do so in turn`,
  },
  KEYSPACE_SESSION_EXPIRED: {
    retry: true,
    message: (d: { url: string; ttlMs: number }) =>
      `the session expired (TTL ${formatDuration(d.ttlMs)}) and the keyspace ${d.url} removed its entries`,
  },
  KEYSPACE_TURN_LOST: {
    retry: true,
    message: (d: { key: string; why: string }) =>
      `the turn ${d.key} cannot be proved to last: ${d.why}; it is waited for again`,
  },
  KEYSPACE_SNAPSHOT_REJECTED: {
    retry: false,
    message: (d: { path: string; why: string }) =>
      `the snapshot cache ${d.path} is not used: ${d.why}`,
  },
  KEYSPACE_SNAPSHOT_UNWRITABLE: {
    retry: true,
    message: (d: { path: string }) =>
      `cannot write the snapshot cache ${d.path}: set watch.snapshotCache to a writable file`,
  },
});

/** Whether the store does not accept the user, or does not allow it the request. */
type Denial = "authentication failed" | "permission denied";
