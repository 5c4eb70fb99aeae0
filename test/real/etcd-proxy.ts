import type { TestContext } from "node:test";
import {
  eventually,
  freePort,
  outputOf,
  type Running,
  start,
  throwAwayFolder,
} from "../support/process.ts";
import type { Etcd } from "./etcd.ts";

/** A gRPC proxy of etcd on a free port; it ends with the test. */
export interface EtcdProxy {
  /** For a configuration: `etcd://127.0.0.1:port`. */
  readonly url: string;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** Starts `etcd grpc-proxy` in front of an etcd. */
export async function startEtcdProxy(
  t: Pick<TestContext, "after" | "signal">,
  { endpoint }: Pick<Etcd, "endpoint">,
): Promise<EtcdProxy> {
  const folder = await throwAwayFolder(t);
  const address = `127.0.0.1:${await freePort()}`;
  let running: Running | undefined;
  const restart = async () => {
    running = start(t, [
      ...["etcd", "grpc-proxy", "start", `--endpoints=${endpoint}`],
      ...[`--listen-addr=${address}`, `--data-dir=${folder}`],
    ]);
    const asking = ["etcdctl", `--endpoints=${address}`, "--dial-timeout=1s", "get", "/health"];
    await eventually("the proxy answers", async () => {
      await outputOf(asking, { env: { ETCDCTL_API: "3" } });
      return true;
    });
  };
  await restart();
  return {
    url: `etcd://${address}`,
    kill: async () => void (await running?.stop("SIGKILL")),
    restart,
  };
}
