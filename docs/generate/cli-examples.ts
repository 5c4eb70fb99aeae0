import type { Example } from "./example.ts";
import { operateExamples } from "./operate-examples.ts";

/** Examples for `docs/cli.md`, by command. A test parses each of them, and asks for one of each command. */
export const examples: Readonly<Record<string, readonly Example[]>> = {
  run: [
    { line: "sidekick run -c sidekick.yaml", purpose: "Run every agent of one file." },
    {
      line: "sidekick run -c base.yaml -c web.yaml",
      purpose: "Merge two files into one configuration.",
    },
  ],
  presence: [
    {
      line: "sidekick presence -c /etc/sidekick/app-presence.yaml",
      purpose: "Run the presence agent alone, as the systemd unit does.",
    },
  ],
  watch: [
    {
      line: "sidekick watch -c /etc/sidekick/watch.yaml",
      purpose: "Keep a proxy's configuration up to date.",
    },
    {
      line: "sidekick watch -c /etc/sidekick/watch.yaml --once --timeout 30s",
      purpose:
        "Write the files once, from a provisioning script or before a proxy starts; a proxy that is not running is no failure.",
    },
  ],
  exec: [
    {
      line: "sidekick exec -c sidekick.yaml -- haproxy -W -S /run/haproxy/master.sock -f haproxy.cfg",
      purpose:
        "The command of a container: haproxy starts once its file is written, and stops last.",
    },
  ],
  env: [
    {
      line: "sidekick env -c sidekick.yaml -- /srv/app",
      purpose: "Run a program with the variables of exec.env.",
    },
    {
      line: "sidekick env -c sidekick.yaml --format systemd",
      purpose: "Print them for EnvironmentFile=.",
    },
  ],
  render: [
    {
      line: "sidekick render -c watch.yaml --template haproxy.cfg.hbs --fixture keys.yaml",
      purpose: "Try out a template without a keyspace.",
    },
    {
      line: "sidekick render -c watch.yaml --diff",
      purpose: "Compare the files on disk with what the keyspace would give now.",
    },
  ],
  simulate: [
    {
      line: "sidekick simulate -c watch.yaml --without web/10.10.2.3:8810",
      purpose: "Before a server is taken away: would its proxies be adjusted or reloaded?",
    },
    {
      line: "sidekick simulate -c watch.yaml --with /app/limit=20 --at 12345",
      purpose: "What a setting would have done to the files of an earlier revision.",
    },
  ],
  check: [
    {
      line: "sidekick check -c sidekick.yaml",
      purpose:
        "Validate configuration and templates on the machine of the agent, before a restart.",
    },
    {
      line: "sidekick check -c sidekick.yaml --no-machine --fixture keys.yaml",
      purpose: "The same in a pipeline, and render from a file.",
    },
    {
      line: "sidekick check -c sidekick.yaml --live",
      purpose: "Before a restart: also render from the keyspace, and check the texts.",
    },
  ],
  completion: [
    {
      line: "sidekick completion bash",
      purpose: "What `~/.bashrc` reads: `source <(sidekick completion bash)`.",
    },
  ],
  top: [
    {
      line: "sidekick top",
      purpose: "See what is served, why not, and what changed, live; q leaves.",
    },
    {
      line: "sidekick top --once -c sidekick.yaml",
      purpose: "The same as text, once.",
    },
  ],
  history: [
    {
      line: "sidekick history haproxy.cfg",
      purpose: "Which key caused the last reload, and what was refused.",
    },
  ],
  diff: [
    { line: "sidekick diff 12", purpose: "What generation 12 changed in its files." },
    { line: "sidekick diff 12 9", purpose: "All that was changed from generation 9 to 12." },
  ],
  explain: [
    {
      line: "sidekick explain web/10.10.2.3:8810",
      purpose: "Why an instance gets traffic or not, from its entry to the lines of each file.",
    },
    {
      line: "sidekick explain --line /etc/haproxy/haproxy.cfg:42",
      purpose: "Which keys a line of a file comes from.",
    },
  ],
  turns: [
    {
      line: "sidekick turns -c sidekick.yaml",
      purpose: "See which watcher reloads, and which ones wait for their turn.",
    },
    {
      line: "sidekick turns etcd://127.0.0.1:2379 --clear web-1.4711.k3x9",
      purpose: "Remove an entry that holds the others up.",
    },
  ],
  fleet: [
    {
      line: "sidekick fleet -c sidekick.yaml",
      purpose:
        "Do all watchers of the keyspace serve the same? For people, and for alerts by its exit code.",
    },
    {
      line: "sidekick fleet etcd://127.0.0.1:2379 --json",
      purpose: "The same for a program, from any machine that reaches the keyspace.",
    },
  ],
  ls: [
    {
      line: "sidekick ls -c sidekick.yaml /services",
      purpose: "List what is registered in the keyspace of a configuration.",
    },
    {
      line: "sidekick ls etcd://127.0.0.1:2379 /services --long",
      purpose: "List every registered instance with its value.",
    },
    {
      line: "sidekick ls etcds://etcd-1:2379 --ca ca.pem --user ops --password-file password",
      purpose: "The same over TLS, with a user name.",
    },
  ],
  get: [
    {
      line: "sidekick get file:./keyspace /services/web/10.10.2.3:8810",
      purpose: "Print one value of the embedded keyspace.",
    },
  ],
  status: [
    {
      line: "sidekick status --all",
      purpose: "See every agent of this machine; the exit code is the worst of them.",
    },
    { line: "sidekick status", purpose: "The only sidekick of this user on this machine." },
    {
      line: "sidekick status --healthy",
      purpose: "A health check: exit code 0 as long as a restart would not help.",
    },
    {
      line: "sidekick status -c sidekick.yaml --ready",
      purpose: "A readiness probe: exit code 0 only when it is ready.",
    },
    {
      line: "sidekick status --socket /run/sidekick/app-8810/agent.sock --json",
      purpose: "One of several, by its socket, for a program to read.",
    },
  ],
  confd: [
    {
      line: "sidekick confd -onetime -backend etcdv3 -node http://10.10.2.1:2379",
      purpose: "Render the resources of /etc/confd once, as confd does.",
    },
    {
      line: "sidekick confd -watch -backend etcdv3 -node http://10.10.2.1:2379",
      purpose:
        "Keep their files in sync. A link to sidekick named confd does the same without a change of the command line.",
    },
  ],
  convert: [
    {
      line: "sidekick convert confd -backend etcdv3 -node http://10.10.2.1:2379",
      purpose:
        "Print what confd does as sidekick.yaml and Handlebars templates, and whether both render the same files.",
    },
    {
      line: "sidekick convert synapse -c /etc/synapse/synapse.conf.json --write /etc/sidekick",
      purpose: "Write the same for Synapse to a folder, if the files are equal.",
    },
  ],
  synapse: [
    {
      line: "sidekick synapse -c /etc/synapse/synapse.conf.json",
      purpose:
        "Keep the files of Synapse, and the proxies that read them, up to date in place of Synapse.",
    },
  ],
  nerve: [
    {
      line: "sidekick nerve -c /etc/nerve/nerve.conf.json -k",
      purpose: "Name every setting that is not known or has no effect, and register nothing.",
    },
    {
      line: "sidekick nerve -c /etc/nerve/nerve.conf.json",
      purpose:
        "Register what Nerve registers. A link to sidekick named nerve does the same without a change of the command line.",
    },
  ],
  registrator: [
    {
      line: "sidekick registrator -ip 10.10.1.4 etcd://10.10.2.1:2379/services",
      purpose:
        "Register containers as registrator does. A link to sidekick named registrator does the same.",
    },
  ],
  schema: [
    {
      line: "sidekick schema",
      purpose: "Save the output as a file that an editor uses to complete configurations.",
    },
  ],
  access: [
    {
      line: "sidekick access etcd --service web --user web-agents",
      purpose:
        "The agents of web get the rights to its folder, and to no other one: docs/trust.md.",
    },
    {
      line: "sidekick access zookeeper --watcher --user proxies",
      purpose:
        "Pipe the output into sh: the watchers may read services and write their own entries.",
    },
  ],
  demo: [
    { line: "sidekick demo", purpose: "Play it until Ctrl-C." },
    {
      line: "sidekick demo --once --proxy none",
      purpose: "Once, without a proxy: a smoke test.",
    },
  ],
  ...operateExamples,
};
