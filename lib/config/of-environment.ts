import { faults } from "./faults.ts";
import type { Env } from "./located/expand-variables.ts";
import type { SourceText } from "./located/parse.ts";

/** The name of the configuration that the environment is, in messages. */
const name = "environment";

/** Whether the environment alone is a configuration: the one of an agent beside a load balancer. */
export function isConfiguredByEnvironment(env: Env): boolean {
  return (env.ELB_NAME ?? "") !== "";
}

/**
 * The configuration that the environment is: this machine is registered in the classic load balancer `ELB_NAME` while the agent
 * runs; with `ELB_CHECK_URL`, while that answers. Region, credentials and proxy are those of the environment, too. Throws
 * CONFIG_INVALID.
 */
export function textOfEnvironment({ ELB_NAME, ELB_CHECK_URL = "" }: Env): SourceText {
  const checked =
    ELB_CHECK_URL === "" ? { host: "127.0.0.1", port: 80 } : checkedAddress(ELB_CHECK_URL);
  const presence = {
    destinations: [{ elb: { name: ELB_NAME } }],
    services: [{ name: "machine", id: "local", ...checked }],
  };
  return { name, format: "json", text: JSON.stringify({ presence }) };
}

/** The address in a URL, with the check that the URL asks for. */
function checkedAddress(text: string): object {
  const url = URL.parse(text);
  const isHttp = url?.protocol === "http:";
  const port = url?.port === "" && isHttp ? 80 : Number(url?.port);
  if (!url?.hostname || !port || !(isHttp || url.protocol === "tcp:")) {
    const expected = "expected http://host:port/path or tcp://host:port";
    throw faults.CONFIG_INVALID({ lines: [`${name}: ELB_CHECK_URL: ${expected}`] });
  }
  const check = isHttp ? { type: "http", path: `${url.pathname}${url.search}` } : { type: "tcp" };
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port, checks: [check] };
}
