import type { Container, Port } from "../../lib/clients/docker/contract.ts";
import { oneOf } from "../support/random.ts";

type Random = () => number;

const names = [
  ...[
    "NAME",
    "ID",
    "TAGS",
    "IGNORE",
    "WEIGHT",
    "NAMES",
    "J",
    "",
    "_",
    "__proto__",
    "constructor",
    "naïve",
    "a b",
  ],
  ...[
    "CHECK_HTTP",
    "CHECK_HTTPS",
    "CHECK_TCP",
    "CHECK_GRPC",
    "CHECK_GRPC_USE_TLS",
    "CHECK_GRPC_SERVICE",
  ],
  ...[
    "CHECK_HTTP_METHOD",
    "CHECK_TLS_SKIP_VERIFY",
    "CHECK_SCRIPT",
    "CHECK_CMD",
    "CHECK_TTL",
    "CHECK_",
  ],
  ...[
    "CHECK_INTERVAL",
    "CHECK_TIMEOUT",
    "CHECK_RISE",
    "CHECK_FALL",
    "CHECK_HTP",
    "check_http",
    "Check_Tcp",
  ],
  ...["CHECK_INITIAL_STATUS", "CHECK_DEREGISTER_AFTER", "\u202e", "x".repeat(5000)],
];

const values = [
  ...[
    "",
    "true",
    "false",
    "1",
    "0",
    "-1",
    "80",
    "256",
    "257",
    "1e3",
    "99999999999999999999",
    "0x50",
    "NaN",
  ],
  ...[
    "/",
    "/health?a=b",
    "/ ",
    "http://x/",
    "GET",
    "TRACE",
    "1ms",
    "1s",
    "10m",
    "1h30m",
    "1000000h",
    "-5s",
    "5 s",
  ],
  ...[
    "web",
    "Web",
    "..",
    ".",
    "a/b",
    "a;b",
    "$(reboot)",
    "{{x}}",
    "a\nb",
    "a\0b",
    "\x1b[31m",
    "\u202ea",
    "\ud800",
  ],
  ...[
    '{"a":1}',
    "[1,2",
    "null",
    '"',
    "'",
    "\\",
    "%s",
    "#",
    "a,b,,c",
    " web ",
    "wéb",
    "💥",
    "y".repeat(70_000),
  ],
  ...["10.0.0.1", "10.0.0.3/24", "::1", "fe80::1%eth0", "256.1.1.1", "-a.example", "host.example"],
];

const hosts = ["", "", "127.0.0.1", "10.0.0.5", "::1", "fd99::1"];

/** A container with hostile labels and environment, as of its inspection. */
export function randomContainer(id: string, random: Random): Container {
  const some = <T>(items: readonly T[]) => oneOf(items, random);
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  const ports = Array.from({ length: some([0, 1, 1, 2, 5, 100]) }, (): Port => {
    const port = 1 + upTo(65_534);
    const published = Array.from({ length: upTo(2) }, () => ({
      host: some(hosts),
      port: 1 + upTo(65_534),
    }));
    return { port, protocol: some(["tcp", "tcp", "udp"]), published };
  });
  const label = (): [string, string] => [labelName(ports, random), some(values)];
  const labels = Object.fromEntries(Array.from({ length: some([0, 2, 5, 20, 200]) }, label));
  const env = Object.fromEntries(Array.from({ length: some([0, 2, 10]) }, label));
  return {
    ...{ id, name: some([id, id, "", "a b", "é", "n".repeat(300)]), labels, env, ports },
    image: some(["web", "registry:5000/team/web:1.2@sha256:00", "", "a b", "..", "@", "WEB"]),
    state: some(["running", "running", "running", "paused", "restarting", "ended"]),
    health: {
      status: some(["none", "none", "starting", "healthy", "unhealthy"]),
      output: some(values),
    },
    networks: [{ name: "n", ipv4: "172.17.0.2" }].slice(upTo(1)),
    firstNetwork: random() < 0.5 ? "n" : undefined,
    networkOf: random() < 0.3 ? some(["c0", "c1", "gone"]) : undefined,
    hostNetwork: random() < 0.2,
    startedMs: upTo(1000),
    stopSignal: 15,
    stopTimeoutMs: some([0, 10_000, Number.POSITIVE_INFINITY]),
    stoppingUntilMs: random() < 0.1 ? some([1000, Number.POSITIVE_INFINITY]) : undefined,
    flapping: random() < 0.1 ? { livedMs: 10, requiredMs: 1000, untilMs: 2000 } : undefined,
  };
}

/** The name of a label or a variable, for all ports or for one of those that the container has or has not. */
function labelName(ports: readonly Port[], random: Random): string {
  const some = <T>(items: readonly T[]) => oneOf(items, random);
  const port = some([...ports.map((one) => String(one.port)), "80", "0", "65536", "00080", "-1"]);
  const name = some(names);
  const own = name.toLowerCase().replaceAll("_", random() < 0.5 ? "." : "_");
  return some([
    `SERVICE_${name}`,
    `SERVICE_${port}_${name}`,
    `SERVICE_${port}_${some(["TCP", "UDP", "SCTP"])}_${name}`,
    `sidekick.${own}`,
    `sidekick.${port}.${own}`,
    `sidekick.${port}/${some(["tcp", "udp"])}.${own}`,
    name,
  ]);
}

/** The settings of the discovery, as in a configuration. */
export function randomSettings(random: Random): object {
  const flag = () => random() < 0.3;
  return {
    address: oneOf(["published", "published", "container", "host"], random),
    ...(flag() && { ip: "10.0.0.9" }),
    ...(flag() && { useIpFromLabel: "SERVICE_NAME" }),
    ...{ loopback: flag(), explicit: flag(), commands: flag() },
  };
}
