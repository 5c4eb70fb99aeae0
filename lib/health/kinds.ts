import { z } from "zod";
import type { Check, CheckDeps, Target } from "./contract.ts";
import * as docker from "./docker.ts";
import * as exec from "./exec.ts";
import * as grpc from "./grpc.ts";
import * as http from "./http.ts";
import * as redis from "./redis.ts";
import { sparing } from "./sparing.ts";
import * as tcp from "./tcp.ts";
import * as ttl from "./ttl.ts";
import * as zookeeper from "./zookeeper.ts";

/** All kinds of check. To add one, write its file and list it here and in `checkSchema`. */
export const kinds = {
  tcp: { schema: tcp.schema, create: tcp.createTcpCheck },
  http: { schema: http.schema, create: http.createHttpCheck },
  exec: { schema: exec.schema, create: exec.createExecCheck },
  grpc: { schema: grpc.schema, create: grpc.createGrpcCheck },
  ttl: { schema: ttl.schema, create: ttl.createTtlCheck },
  docker: { schema: docker.schema, create: docker.createDockerCheck },
  redis: { schema: redis.schema, create: redis.createRedisCheck },
  zookeeper: { schema: zookeeper.schema, create: zookeeper.createZookeeperCheck },
};

export const checkSchema = z.discriminatedUnion("type", [
  kinds.tcp.schema,
  kinds.http.schema,
  kinds.exec.schema,
  kinds.grpc.schema,
  kinds.ttl.schema,
  kinds.docker.schema,
  kinds.redis.schema,
  kinds.zookeeper.schema,
]);

export type CheckConfig = z.infer<typeof checkSchema> & {
  /** Set if labels of a container ask for the check: it yields to those of the configuration. */
  readonly ofLabels?: true;
};

/**
 * Whether the connections of a check are kept between its probes: as the check has it, else as it is for all, else where the
 * server offers to keep them.
 */
export function isTripwire(config: CheckConfig, forAll: boolean | undefined): boolean {
  switch (config.type) {
    case "http":
    case "grpc":
    case "redis":
      return config.tripwire ?? forAll ?? true;
    case "tcp":
      return config.tripwire ?? forAll ?? false;
    default:
      return false;
  }
}

export function createCheck(config: CheckConfig, target: Target, deps: CheckDeps): Check {
  // `config.type` selects the kind that matches the type of `config`.
  const check = kinds[config.type].create(config as never, target, deps);
  return deps.tripwire ? sparing(check, deps.tripwire) : check;
}
