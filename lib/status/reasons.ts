import type { Reason, ReasonKind } from "./contract.ts";

/** What a kind of reason means for the agent. All of them make it degraded. */
export interface ReasonMeaning {
  /** For the table in docs: when it applies. */
  readonly when: string;
  /** A restart helps: the agent is unhealthy, and not ready. */
  readonly isUnhealthy?: true;
  /** This host should get no traffic yet, or none now. */
  readonly isUnready?: true;
  /** The state served meanwhile; empty where nothing needs to be added. */
  readonly meanwhile: string;
  /** The action an operator can take; empty where it passes by itself. */
  readonly advice: string;
}

/**
 * All kinds of reasons, the worst first: the one place that decides what makes an agent unhealthy, unready and degraded.
 * Nothing that may happen to all machines at the same moment (an unreachable keyspace, a change that is refused) makes one
 * unhealthy or unready: that would make the outage bigger.
 */
export const reasonMeanings: Readonly<Record<ReasonKind, ReasonMeaning>> = {
  stalled: {
    when: "a loop of the agent has missed its deadline",
    isUnhealthy: true,
    isUnready: true,
    meanwhile: "",
    advice: "restart the agent unless that is done automatically",
  },
  "proxy down": {
    when: "the proxy that reads a file does not run, or does not answer",
    isUnready: true,
    meanwhile: "its file is kept up to date for its start",
    advice: "start the proxy; restart it if it runs",
  },
  "not in sync yet": {
    when: "a file has not been verified since the agent started",
    isUnready: true,
    meanwhile: "",
    advice: "",
  },
  "shutting down": {
    when: "the agent was asked to stop",
    isUnready: true,
    meanwhile: "",
    advice: "",
  },
  discovering: {
    when: "discovery has not completed since the agent started",
    isUnready: true,
    meanwhile: "",
    advice: "",
  },
  "not checked yet": {
    when: "an instance has not been checked yet",
    isUnready: true,
    meanwhile: "",
    advice: "",
  },
  "not registered": {
    when: "a healthy instance has not been registered since it became healthy",
    isUnready: true,
    meanwhile: "",
    advice: "",
  },
  "not served yet": {
    when: "with `presence.waitServed`, the proxies of some watchers have not served a healthy instance since the agent started",
    isUnready: true,
    meanwhile: "",
    advice: "if it lasts, look at the proxies of the watchers that it names",
  },
  "keyspace unreachable": {
    when: "the keyspace cannot be reached, or denies access",
    meanwhile:
      "files keep the last known state, and registered entries stay until their TTL expires",
    advice: "check the store, and the network to it",
  },
  "destination failing": {
    when: "a destination, such as a load balancer, cannot be reached, or refuses requests",
    meanwhile: "registrations stay as they are there",
    advice: "",
  },
  "waiting to list": {
    when: "the keyspace is reachable again, but has to be listed anew, and all watchers do so in turn",
    meanwhile: "files keep the last known state",
    advice: "",
  },
  "file failing": {
    when: "a file cannot be rendered, is refused by its check, or its proxy cannot be reloaded",
    meanwhile: "",
    advice: "it is retried; `sidekick retry` does so at once",
  },
  "template unusable": {
    when: "a template was edited and cannot be used, or can no longer be read",
    meanwhile: "the previous template is used",
    advice: "mend or restore the template: it is read again as soon as it changes",
  },
  "out of sync": {
    when: "a file, or what its proxy serves, was changed by something else since it was verified",
    meanwhile: "it is left as it is until the next change",
    advice: "`sidekick retry` puts it right",
  },
  "loop failing": {
    when: "other work fails: a resource is lacking, a status address is in use, the snapshot cannot be saved",
    meanwhile: "",
    advice: "",
  },
  "last one kept": {
    when: "an instance is unhealthy, and stays in a destination in which nothing else is healthy",
    meanwhile: "it is still served there",
    advice: "drain it to deregister it all the same",
  },
  "failing in destination": {
    when: "an instance is healthy, and a destination in which it is registered finds it unhealthy",
    meanwhile: "it gets no requests from there",
    advice: "compare the health check of the destination with that of the instance",
  },
  "failing at proxies": {
    when: "an instance is healthy, and proxies of watchers fail to use it while they use others",
    meanwhile: "these proxies send its requests to others, as far as they can",
    advice:
      "compare the address that they use with the one that its check asks, and look at the firewalls between them",
  },
  "instance unhealthy": {
    when: "a check of an instance fails",
    meanwhile: "it is not registered",
    advice: "",
  },
  "cached snapshot": {
    when: "the keyspace has not been reached since the start, and the saved snapshot is used",
    meanwhile: "",
    advice: "",
  },
  pinned: {
    when: "a file is pinned to the texts of an earlier generation",
    meanwhile: "changes of the keyspace do not reach it",
    advice: "`sidekick unpin` ends it",
  },
  retained: {
    when: "the mass-loss guard retains lost instances",
    meanwhile: "they are still served",
    advice: "",
  },
  standby: {
    when: "another agent owns the entry of an instance",
    meanwhile: "this agent takes the entry over when the other one stops",
    advice: "",
  },
  quarantined: {
    when: "an entry cannot be used, or a discovered instance cannot be registered",
    meanwhile: "the others are served",
    advice: "",
  },
};

/** The kinds, the worst first. */
export const reasonKinds = Object.keys(reasonMeanings) as readonly ReasonKind[];

/** How many reasons a list stands for. */
export function countOf(reasons: readonly Reason[]): number {
  return reasons.reduce((sum, { count = 1 }) => sum + count, 0);
}
