import assert from "node:assert/strict";
import { test } from "node:test";
import { found } from "./docker-run.ts";

const names = {
  payments: { image: "registry/pay*", project: "payments" },
  "secure*": { image: "registry:5000/tls" },
};

const compose = "-l com.docker.compose.project=payments";

/** By `docker run`, the services that are registered, or the reasons. */
const cases: readonly (readonly [options: string, services: string, ...why: string[]])[] = [
  [`-p 8000:80 -l SERVICE_NAME=payments ${compose} registry/pay-api:1.2`, "payments"],
  [`-p 8000:80 ${compose} registry/payments@sha256:0123`, "payments"],
  ["-p 8000:80 -l SERVICE_NAME=secure-web registry:5000/tls:7", "secure-web"],
  ["-p 8000:80 -l SERVICE_NAME=secure-web registry:5000/tls", "secure-web"],
  ["-p 8000:80 -l SERVICE_NAME=web evil/web", "web"],
  [
    "-p 8000:80 -l SERVICE_NAME=payments evil/web:1",
    "",
    "the service payments is for containers with an image like registry/pay* and the project payments, and its image is evil/web:1 (presence.docker.names.payments)",
  ],
  [
    `-p 8000:80 ${compose} evil/payments`,
    "",
    "the service payments is for containers with an image like registry/pay* and the project payments, and its image is evil/payments (presence.docker.names.payments)",
  ],
  [
    `-p 8000:80 -e SERVICE_NAME=payments ${compose} registry/pay/evil`,
    "",
    "the service payments is for containers with an image like registry/pay* and the project payments, and its image is registry/pay/evil (presence.docker.names.payments)",
  ],
  [
    "-p 8000:80 -e SERVICE_NAME=payments registry/pay-api",
    "",
    "the service payments is for containers with an image like registry/pay* and the project payments, and it has no project (presence.docker.names.payments)",
  ],
  [
    "-p 8000:80 -p 4443:443 -l SERVICE_80_NAME=web -l sidekick.443.name=secure registry:5000/tls/evil:7",
    "web",
    "the service secure is for containers with an image like registry:5000/tls, and its image is registry:5000/tls/evil:7 (presence.docker.names.secure*)",
  ],
];

for (const [options, services, ...why] of cases) {
  test(`a claim of a service: docker run ${options}`, () => {
    const { found: all, quarantined } = found(options, { names });
    assert.equal(all.map(({ instance }) => instance.service).join(" "), services);
    assert.deepEqual(
      quarantined.map((one) => one.why),
      why,
    );
  });
}
