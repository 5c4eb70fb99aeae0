import type { Env } from "../../contract.ts";
import { faults } from "../../faults.ts";
import type { Source } from "./credentials.ts";
import { credentialsIn } from "./credentials.ts";
import { readSecret } from "./given.ts";
import type { AskLocally } from "./local.ts";

/** The agents of ECS and EKS on the machine itself; only these and this machine may be sent the token without TLS. */
const agents = /^(169\.254\.170\.(2|23)|\[fd00:ec2::23\]|localhost|127(\.\d+){3}|\[::1\])$/;

/** The credentials that an agent of ECS or EKS on the machine hands to a container. */
export function ofContainer(name: string, env: Env, ask: AskLocally): Source {
  return async (signal) => {
    const given = variableIn(env);
    if (!given) return "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor …_FULL_URI is set";
    const { variable, url } = given;
    const fail = (why: string, hint = "check the role of the task or pod, and its agent") =>
      faults.DESTINATION_ACCESS_DENIED({ name, action: `use ${variable}`, why, hint });
    if (!url) throw fail("it is not a URL", "correct it");
    if (url.protocol !== "https:" && !agents.test(url.hostname)) {
      throw fail(`${url.host} is another machine`, "use a URL with https://");
    }
    const headers = await authorizationIn(name, env, signal);
    const response = await ask({ method: "GET", url, headers }, signal);
    if (typeof response === "string") throw fail(response);
    const { status, body } = response;
    if (status !== 200) throw fail(`${url.host} answered with status ${status}`);
    const found = credentialsIn(body, `the container role (${variable})`);
    if (typeof found === "string") throw fail(found);
    return found;
  };
}

function variableIn(env: Env): { readonly variable: string; readonly url: URL | null } | undefined {
  const name = (kind: string) => `AWS_CONTAINER_CREDENTIALS_${kind}_URI`;
  const [relative, full] = [env[name("RELATIVE")], env[name("FULL")]];
  if (relative) {
    return { variable: name("RELATIVE"), url: URL.parse(`http://169.254.170.2${relative}`) };
  }
  return full ? { variable: name("FULL"), url: URL.parse(full) } : undefined;
}

/** The header with the token of the container, which may be in a file that is replaced now and then. */
async function authorizationIn(name: string, env: Env, signal: AbortSignal) {
  const file = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
  const token = file ? await readSecret(name, file, signal) : env.AWS_CONTAINER_AUTHORIZATION_TOKEN;
  return token ? { authorization: token.trim() } : {};
}
