import assert from "node:assert/strict";
import { test } from "node:test";
import { cpuMsOf } from "../../../support/process.ts";
import { found } from "./docker-run.ts";

type Case = readonly [options: string, ...checks: readonly object[]];

const published = "-p 8000:80";

/** The fields of each check that differ from the defaults. */
const cases: readonly Case[] = [
  ["web"],
  ["-l SERVICE_CHECK_HTTP=/up web", { type: "http", path: "/up" }],
  ["-e SERVICE_80_CHECK_HTTP=/up web", { type: "http", path: "/up" }],
  ["-l sidekick.check.http=/up web", { type: "http", path: "/up" }],
  ["-l sidekick.80.check.http=/up web", { type: "http", path: "/up" }],
  ["-l SERVICE_81_CHECK_HTTP=/up web"],
  [
    "-l SERVICE_CHECK_HTTP=/up -l SERVICE_CHECK_HTTP_METHOD=HEAD web",
    { type: "http", path: "/up", method: "HEAD" },
  ],
  ["-l SERVICE_CHECK_HTTPS=/up web", { type: "http", path: "/up", tls: true }],
  [
    "-l SERVICE_CHECK_HTTPS=/up -l SERVICE_CHECK_HTTPS_METHOD=POST -l SERVICE_CHECK_TLS_SKIP_VERIFY=true web",
    { type: "http", path: "/up", method: "POST", tls: { insecure: true } },
  ],
  ["-l SERVICE_CHECK_TCP=true web", { type: "tcp" }],
  ["-l SERVICE_CHECK_TCP=false web"],
  ["-l SERVICE_CHECK_TCP= web"],
  ["-l SERVICE_CHECK_TCP=true -l sidekick.80.check.tcp=no web"],
  [
    "-l SERVICE_CHECK_HTTP=/up -l SERVICE_CHECK_TCP=1 web",
    { type: "http", path: "/up" },
    { type: "tcp" },
  ],
  [
    "-l SERVICE_CHECK_TCP=true -l SERVICE_CHECK_INTERVAL=15s -l SERVICE_CHECK_TIMEOUT=1s web",
    { type: "tcp", interval: 15_000, timeout: 1000 },
  ],
  [
    "-l SERVICE_CHECK_TCP=true -l SERVICE_CHECK_INTERVAL=1m30s web",
    { type: "tcp", interval: 90_000 },
  ],
  [
    "-l sidekick.check.tcp=true -l sidekick.check.rise=1 -l sidekick.check.fall=5 web",
    { type: "tcp", rise: 1, fall: 5 },
  ],
  ["-l SERVICE_CHECK_INTERVAL=15s web"],
  ["-l SERVICE_CHECK_INITIAL_STATUS=passing -l SERVICE_CHECK_DEREGISTER_AFTER=10m web"],
  ["-l SERVICE_CHECK_GRPC=true web", { type: "grpc" }],
  [
    "-l SERVICE_CHECK_GRPC=true -l SERVICE_CHECK_GRPC_USE_TLS=true web",
    { type: "grpc", tls: true },
  ],
  [
    "-l sidekick.check.grpc=true -l sidekick.check.grpc.service=shop.Cart " +
      "-l SERVICE_CHECK_GRPC_USE_TLS=true -l SERVICE_CHECK_TLS_SKIP_VERIFY=true web",
    { type: "grpc", service: "shop.Cart", tls: { insecure: true } },
  ],
];

for (const [options, ...checks] of cases) {
  test(`docker run ${options}`, () => {
    const { found: all, quarantined } = found(`${published} ${options}`);
    assert.deepEqual(quarantined, []);
    const requested: readonly object[] = all[0]?.checks ?? [];
    assert.equal(requested.length, checks.length);
    for (const [i, check] of checks.entries()) assert.partialDeepStrictEqual(requested[i], check);
    assert.equal(all[0]?.instance.labels, undefined, "a check is not a label");
  });
}

test("only checks for this port apply to a UDP port", () => {
  const both = "-p 5300:53 -p 5300:53/udp";
  const typesOf = (options: string) => {
    const { found: all } = found(`${both} ${options} dns`);
    return all.map(({ checks }) => checks.map(({ type }) => type));
  };
  assert.deepEqual(typesOf("-l SERVICE_CHECK_TCP=true"), [["tcp"], []]);
  assert.deepEqual(typesOf("-l SERVICE_53_CHECK_TCP=true"), [["tcp"], ["tcp"]]);
});

test("a command is only run if the settings allow it", () => {
  const options = `${published} -l "SERVICE_CHECK_SCRIPT=nc $SERVICE_IP $SERVICE_PORT" web`;
  const [rejected] = found(options).quarantined;
  assert.equal(
    rejected?.why,
    'SERVICE_CHECK_SCRIPT is "nc $SERVICE_IP $SERVICE_PORT": it makes this agent run a command, ' +
      "which only commands: true allows; a HEALTHCHECK runs in the container",
  );
  const [allowed] = found(options, { commands: true }).found;
  const [check] = allowed?.checks ?? [];
  assert.partialDeepStrictEqual(check, { type: "exec", command: ["sh", "-c", "nc {host} {port}"] });
});

const invalid: readonly (readonly [options: string, why: string])[] = [
  [
    "-l SERVICE_CHECK_HTTP=up web",
    'SERVICE_CHECK_HTTP is "up": expected a path that starts with / and has no spaces',
  ],
  [
    "-l sidekick.check.https=up web",
    'sidekick.check.https is "up": expected a path that starts with / and has no spaces',
  ],
  [
    "-l SERVICE_80_CHECK_TCP=true -l SERVICE_80_CHECK_INTERVAL=15 web",
    'SERVICE_80_CHECK_INTERVAL is "15": expected a duration such as 250ms, 10s or 2m',
  ],
  [
    "-l SERVICE_CHECK_TCP=true -e SERVICE_CHECK_TIMEOUT=soon web",
    'SERVICE_CHECK_TIMEOUT is "soon": expected a duration such as 250ms, 10s or 2m',
  ],
  ["-l SERVICE_CHECK_TCP=8080 web", 'SERVICE_CHECK_TCP is "8080": expected true or false'],
  [
    "-l SERVICE_CHECK_HTPP=/up web",
    'SERVICE_CHECK_HTPP is "/up": there is no such check: did you mean SERVICE_CHECK_HTTP?',
  ],
  [
    "-l sidekick.check.inteval=1s web",
    'sidekick.check.inteval is "1s": there is no such check: did you mean sidekick.check.interval?',
  ],
  ["-l SERVICE_CHECK_PIGEON=1 web", 'SERVICE_CHECK_PIGEON is "1": there is no such check'],
  [
    "-l SERVICE_CHECK_CMD=/check.sh web",
    'SERVICE_CHECK_CMD is "/check.sh": not supported: use a HEALTHCHECK to run a command in the container',
  ],
  [
    "-l SERVICE_CHECK_TTL=30s web",
    'SERVICE_CHECK_TTL is "30s": not supported without Consul: use a HEALTHCHECK or another check',
  ],
];

for (const [options, why] of invalid) {
  test(`quarantined: docker run ${options}`, () => {
    const { found: all, quarantined } = found(`${published} ${options}`);
    assert.deepEqual(all, []);
    assert.deepEqual(quarantined, [{ what: "container it, port 80/tcp", why }]);
  });
}

test("an unknown method is reported with its label", () => {
  const { quarantined } = found(
    `${published} -l SERVICE_CHECK_HTTP=/up -l SERVICE_CHECK_HTTP_METHOD=FETCH web`,
  );
  assert.match(quarantined[0]?.why ?? "", /^SERVICE_CHECK_HTTP_METHOD is "FETCH": .*"GET"/);
});

test("an interval below 250ms is raised, which is reported", () => {
  const label = "SERVICE_CHECK_INTERVAL";
  for (const [value, ms] of [
    ["1ms", 250],
    ["249ms", 250],
    ["250ms", 250],
    ["1s", 1000],
  ] as const) {
    const { found: all, quarantined } = found(
      `${published} -l SERVICE_CHECK_TCP=true -l ${label}=${value} web`,
    );
    assert.deepEqual(
      all.map(({ checks }) => checks.map(({ interval }) => interval)),
      [[ms]],
    );
    const raised = {
      what: `label ${label} of container it`,
      why: `"${value}" is raised to 250ms, the shortest interval for labels`,
    };
    assert.deepEqual(quarantined, value === "1ms" || value === "249ms" ? [raised] : []);
  }
});

test("a container has at most 64 checks: the other ports are quarantined, not registered without checks", () => {
  const ports = Array.from({ length: 100 }, (_, i) => `-p ${8000 + i}:${100 + i}`).join(" ");
  const labels = "-l SERVICE_CHECK_TCP=true -l SERVICE_CHECK_HTTP=/up";
  const { found: all, quarantined } = found(`${ports} ${labels} web`);
  assert.equal(all.length, 32);
  assert.equal(quarantined.length, 68);
  assert.deepEqual(quarantined[0], {
    what: "container it, port 132/tcp",
    why: "the labels of its container ask for more than 64 checks",
  });
  assert.equal(found(`${ports} web`).found.length, 100);
});

test("a container with 10000 ports and labels for each is read in a moment", () => {
  const ports = Array.from({ length: 10_000 }, (_, i) => 1 + i);
  const options = ports.map((port) => `-l sidekick.${port}.check.tcp=true -p ${port}:${port}`);
  const cpuMs = cpuMsOf(() => {
    const { found: all, quarantined } = found(`${options.join(" ")} web`);
    assert.deepEqual([all.length, quarantined.length], [64, 9936]);
  });
  assert.ok(cpuMs < 5000, `${cpuMs} ms`);
});
