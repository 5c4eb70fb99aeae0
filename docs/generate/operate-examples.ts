import type { Example } from "./example.ts";

/** Examples of the commands that operate a running agent. */
export const operateExamples: Readonly<Record<string, readonly Example[]>> = {
  drain: [
    {
      line: "sidekick drain web/10.10.2.3:8810",
      purpose: "Drain one instance for 10 s, then deregister it.",
    },
    {
      line: "sidekick drain --all --wait --for 30s",
      purpose:
        "Drain every instance; deregister as soon as every watcher has acknowledged, after 30 s at the latest.",
    },
  ],
  undrain: [
    {
      line: "sidekick undrain web/10.10.2.3:8810",
      purpose: "Register a drained instance again, with the weight that it had.",
    },
  ],
  weight: [
    {
      line: "sidekick weight web/10.10.2.3:8810 20",
      purpose: "Change its share of the traffic; the weights of the others stay.",
    },
    {
      line: "sidekick weight web/10.10.2.3:8810 0",
      purpose: "Send it no new requests, and keep it registered.",
    },
    {
      line: "sidekick weight web/10.10.2.3:8810 default",
      purpose: "Take that back: the weight of the configuration or the label applies again.",
    },
  ],
  wait: [
    {
      line: "sidekick wait db cache --keyspace etcd://10.0.0.1:2379 --min 2 -- /srv/app",
      purpose: "An entry point: run a program once the services that it needs are there.",
    },
    {
      line: "sidekick wait web/10.10.2.3:8810 --served",
      purpose: "After its start: resolves once the proxies of all watchers send it requests.",
    },
    {
      line: "sidekick wait --all --served --min 80% --timeout 1m",
      purpose: "All instances of the agent, each served by four of five watchers.",
    },
  ],
  pin: [
    {
      line: "sidekick pin 12 --for 2h --reason slow-since-leastconn",
      purpose:
        "Go back to what generation 12 of sidekick history had, until the cause is mended; exit code 1 if its texts are refused.",
    },
  ],
  unpin: [
    {
      line: "sidekick unpin haproxy.cfg",
      purpose: "End the pin now: the file is made from the keyspace again.",
    },
  ],
  retry: [
    {
      line: "sidekick retry --timeout 10s",
      purpose: "After a cause is mended, or to overwrite what something else has changed.",
    },
  ],
  reload: [
    {
      line: "sidekick reload -c /etc/sidekick/sidekick.yaml",
      purpose: "Have the agent use the changed file; a line for each change, or why it is refused.",
    },
  ],
};
