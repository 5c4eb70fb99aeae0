import type { DestinationDeps } from "../contract.ts";
import { faults } from "../faults.ts";
import { CredentialChain } from "./access/chain.ts";
import { ofContainer } from "./access/container.ts";
import { configured, inEnvironment, inOldEnvironment } from "./access/given.ts";
import { createAskLocally } from "./access/local.ts";
import { Metadata, ofInstanceRole } from "./access/metadata.ts";
import { type AskTokenService, webIdentity } from "./access/web-identity.ts";
import { endpointOf, tokenService } from "./endpoint.ts";
import { Machine } from "./machine.ts";
import { contentType } from "./query.ts";
import type { ApiConfig } from "./schema.ts";
import { Sender } from "./sender.ts";
import { WallClock } from "./wall-clock.ts";

/** What the calls of one destination need to reach AWS. */
export interface Access extends AsyncDisposable {
  readonly machine: Machine;
  readonly chain: CredentialChain;
  readonly sender: Sender;
  readonly wallClock: WallClock;
}

export function openAccess(name: string, config: ApiConfig, deps: DestinationDeps): Access {
  const { env, clock, wallMs, random } = deps;
  const wallClock = new WallClock(wallMs);
  const sender = new Sender(name, config, env, clock);
  const askLocally = createAskLocally(clock);
  const metadata = new Metadata(env, askLocally, () => clock.now());
  const machine = new Machine(name, config, env, metadata);
  const askTokenService: AskTokenService = async (body, signal) => {
    const url = endpointOf(tokenService, undefined, await machine.region(signal), env);
    const action = "AssumeRoleWithWebIdentity";
    if (typeof url === "string") throw faults.DESTINATION_REFUSED({ name, action, why: url });
    const headers = { "content-type": contentType, "accept-encoding": "identity" };
    return await sender.post({ action, url, headers, body }, signal);
  };
  const sources = [
    configured(name, config),
    inEnvironment(env),
    inOldEnvironment(env),
    webIdentity(name, env, askTokenService),
    ofContainer(name, env, askLocally),
    ofInstanceRole(metadata),
  ];
  return {
    machine,
    chain: new CredentialChain(name, sources, wallClock, random),
    sender,
    wallClock,
    async [Symbol.asyncDispose]() {
      await Promise.all([sender[Symbol.asyncDispose](), askLocally[Symbol.asyncDispose]()]);
    },
  };
}
