import { readFile } from "node:fs/promises";
import { sentence } from "../../../base/fault.ts";
import type { Env } from "../../contract.ts";
import { faults } from "../../faults.ts";
import type { Source } from "./credentials.ts";

/** The key in the configuration. The file is read each time, since the secret may be replaced. */
export function configured(
  name: string,
  config: {
    readonly accessKeyId?: string | undefined;
    readonly secretAccessKey?: string | undefined;
    readonly secretAccessKeyFile?: string | undefined;
  },
): Source {
  const { accessKeyId, secretAccessKey, secretAccessKeyFile: file } = config;
  const source = "accessKeyId of the configuration";
  return async (signal) => {
    if (accessKeyId === undefined) return "the configuration has no accessKeyId";
    if (secretAccessKey !== undefined) return { accessKeyId, secretAccessKey, source };
    const text = file === undefined ? "" : await readSecret(name, file, signal);
    const [secret = ""] = text.split("\n");
    return { accessKeyId, secretAccessKey: secret.trim(), source };
  };
}

/** The text of a file with a secret. Throws DESTINATION_ACCESS_DENIED if it cannot be read. */
export async function readSecret(name: string, file: string, signal: AbortSignal): Promise<string> {
  try {
    return await readFile(file, { encoding: "utf8", signal });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const hint = "make it readable for the agent";
    const why = sentence(error);
    throw faults.DESTINATION_ACCESS_DENIED({ name, action: `read ${file}`, why, hint }, error);
  }
}

/** The key in the environment. */
export const inEnvironment = (env: Env): Source =>
  fromVariables(env, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", env.AWS_SESSION_TOKEN);

/** The key in the environment under the names that older programs have used. */
export const inOldEnvironment = (env: Env): Source =>
  fromVariables(env, "AWS_ACCESS_KEY", "AWS_SECRET_KEY", undefined);

function fromVariables(env: Env, id: string, secret: string, token: string | undefined): Source {
  return async () => {
    const [accessKeyId, secretAccessKey] = [env[id], env[secret]];
    if (!accessKeyId) return `${id} is not set`;
    if (!secretAccessKey) return `${id} is set without ${secret}`;
    const source = `the environment (${id})`;
    return { accessKeyId, secretAccessKey, sessionToken: token || undefined, source };
  };
}
