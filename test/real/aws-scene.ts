import { readFile, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import type { TestContext } from "node:test";
import {
  type AwsOrder,
  type AwsReport,
  balancerAddress,
  metadataAddress,
} from "../stand-in/aws-process.ts";
import { eventually, outputOf, start, throwAwayFolder } from "../support/process.ts";
import { root as checkout } from "../support/sources.ts";
import { makeCertificates } from "./certificates.ts";
import { type DockerEngine, startDockerEngine } from "./docker-engine.ts";
import { makeImage } from "./images.ts";

const balancerHost = "elasticloadbalancing.us-west-2.amazonaws.com";
const engine = { bridge: "10.214.0.1/24", port: 2375 };

/** Where containers reach the proxy. */
export const proxy = { host: "10.214.0.1", port: 8888 };

/** For clients of the engine in the network namespace. */
export const dockerHost = `tcp://127.0.0.1:${engine.port}`;

export interface AwsScene extends DockerEngine {
  /** The command that runs another one in the network namespace. */
  readonly enter: readonly string[];
  /** The image of sidekick, with the site's certificate authority. */
  readonly sidekickImage: string;
  /** Steers the stand-in, and resolves with its state after that. */
  ask(order?: AwsOrder): Promise<AwsReport>;
  /** The log of the proxy. */
  proxied(): string;
}

/**
 * A network namespace in which the stand-in has the addresses of AWS, with a real Docker engine that has a default bridge, and a
 * real tinyproxy: nothing else resolves the names of AWS. Nothing of this machine's network is changed.
 */
export async function startAwsScene(
  t: TestContext,
  times: { readonly initialMs: number; readonly drainMs: number },
): Promise<AwsScene> {
  const folder = await throwAwayFolder(t);
  const namespace = start(t, ["unshare", "--net", "sleep", "infinity"]);
  const enter = ["nsenter", `--net=/proc/${namespace.pid}/ns/net`];
  await eventually("the network namespace is there", async () => {
    const own = await outputOf(["readlink", "/proc/self/ns/net"]);
    return (await outputOf(["readlink", `/proc/${namespace.pid}/ns/net`])) !== own;
  });
  const ip = (...args: string[]) => outputOf([...enter, "ip", ...args]);
  await ip("link", "set", "lo", "up");
  await ip("address", "add", `${metadataAddress}/32`, "dev", "lo");

  const { server } = await makeCertificates(folder, [], [balancerHost]);
  const control = join(folder, "aws.sock");
  const settings = JSON.stringify({ cert: server.cert, key: server.key, control, ...times });
  const script = join(checkout, "test/stand-in/aws-process.ts");
  start(t, [...enter, process.execPath, script, settings]);
  const ask = (order: AwsOrder = {}) => post(control, order);
  await eventually("the stand-in answers", () => ask().catch(() => false));

  const hosts = join(folder, "hosts");
  await writeFile(hosts, `127.0.0.1 localhost\n${balancerAddress} ${balancerHost}\n`);
  const config = join(folder, "tinyproxy.conf");
  await writeFile(config, `Port ${proxy.port}\nConnectPort 443\nLogLevel Connect\nTimeout 60\n`);
  const mounted = `mount --bind ${hosts} /etc/hosts; exec tinyproxy -d -c ${config}`;
  const tinyproxy = start(t, [...enter, "unshare", "--mount", "sh", "-ec", mounted]);

  const docker = await startDockerEngine(t, { ...engine, enter });
  const sidekickImage = await makeSidekickImage(docker, server.ca);
  return { ...docker, enter, sidekickImage, ask, proxied: () => tinyproxy.output() };
}

/** Posts an order to the stand-in. */
async function post(socketPath: string, order: AwsOrder): Promise<AwsReport> {
  return await new Promise((resolve, reject) => {
    const sent = request({ socketPath, method: "POST" }, (response) => {
      json(response).then((report) => resolve(report as AwsReport), reject);
    });
    sent.on("error", reject).end(JSON.stringify(order));
  });
}

/**
 * An image as Dockerfile makes it, of the program that is built here: with its command, entry point and user, and one line of a
 * site that has an authority of its own.
 */
async function makeSidekickImage(docker: DockerEngine, ca: string): Promise<string> {
  const name = "sidekick:test";
  const lines = (await readFile(join(checkout, "Dockerfile"), "utf8")).split("\n");
  const changes = lines.filter((line) => /^(ENTRYPOINT|CMD|USER) /.test(line));
  const parts = ["dist", "bin", "templates", "package.json"];
  await makeImage(docker, name, {
    programs: { "/usr/local/bin/node": process.execPath, "/usr/local/bin/tini": "/usr/bin/tini" },
    files: {
      ...Object.fromEntries(parts.map((part) => [`/sidekick/${part}`, join(checkout, part)])),
      "/etc/ssl/site.pem": ca,
    },
    links: { "/usr/local/bin/sidekick": "/sidekick/bin/sidekick.js" },
    changes: [...changes, "ENV AWS_CA_BUNDLE=/etc/ssl/site.pem"],
  });
  return name;
}
