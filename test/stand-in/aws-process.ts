/**
 * The stand-in for AWS as a process of its own, for a network namespace in which it has AWS's addresses: load balancers at
 * `balancerAddress`, port 443, and the metadata service at its link-local address. It is steered by a Unix socket.
 */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer } from "node:net";
import { json } from "node:stream/consumers";
import { startAws } from "./aws.ts";

export const balancerAddress = "127.0.0.2";
export const metadataAddress = "169.254.169.254";

/** The load balancer that it has. */
export const balancer = "bcwaldon-fleet-lb";

/** What the test asks for. */
export interface AwsOrder {
  /** Refuse so many requests as throttled. */
  readonly throttle?: number;
  /** Make temporary keys invalid. */
  readonly expireKeys?: true;
}

/** What the test learns. */
export interface AwsReport {
  /** The phase of this machine; absent if it is not registered. */
  readonly phase?: string | undefined;
  readonly requests: readonly {
    readonly action: string;
    readonly refusal: string;
    /** Milliseconds since 1970. */
    readonly atMs: number;
    /** The key that has signed it. */
    readonly key: string;
  }[];
}

interface Settings {
  /** Paths of PEM files. */
  readonly cert: string;
  readonly key: string;
  /** The path of the Unix socket. */
  readonly control: string;
  readonly initialMs: number;
  readonly drainMs: number;
}

async function main(settings: Settings): Promise<void> {
  const { cert, key, control, initialMs, drainMs } = settings;
  const tls = { cert: await readFile(cert, "utf8"), key: await readFile(key, "utf8") };
  const aws = await startAws({ after: () => {} }, { tls, initialMs, drainMs });
  const registrations = aws.addLoadBalancer(balancer);
  await relay(balancerAddress, 443, aws.url);
  await relay(metadataAddress, 80, aws.localUrl);
  const server = createHttpServer(async (request, response) => {
    const order = (await json(request)) as AwsOrder;
    if (order.throttle !== undefined) aws.throttle(order.throttle);
    if (order.expireKeys) aws.keys.expireAll();
    const report: AwsReport = {
      phase: registrations.phase(aws.metadata.instanceId),
      requests: aws.requests.map(({ action, refusal, atMs, rawHeaders }) => {
        const [, signer = ""] = /Credential=([^/]+)/.exec(rawHeaders.join("\n")) ?? [];
        return { action, refusal, atMs, key: signer };
      }),
    };
    response.end(JSON.stringify(report));
  });
  await once(server.listen(control), "listening");
}

/** Forwards connections to the port of a URL. */
async function relay(address: string, port: number, url: string): Promise<void> {
  const server = createServer((socket) => {
    const inner = connect(Number(new URL(url).port), "127.0.0.1");
    socket.pipe(inner).pipe(socket);
    for (const one of [socket, inner])
      one.on("error", () => [socket, inner].map((o) => o.destroy()));
  });
  await once(server.listen(port, address), "listening");
}

if (import.meta.main) await main(JSON.parse(process.argv[2] ?? "") as Settings);
