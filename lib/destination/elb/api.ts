import { formatDuration } from "../../base/duration.ts";
import { shortened } from "../../base/excerpt.ts";
import type { Fault } from "../../base/fault.ts";
import { hideSecrets } from "../../base/secret.ts";
import type { HttpResponse } from "../../clients/http/client.ts";
import type { DestinationDeps, RequestResult } from "../contract.ts";
import { faults } from "../faults.ts";
import type { Credentials } from "./access/credentials.ts";
import { type Access, openAccess } from "./access.ts";
import { endpointOf, type Generation } from "./endpoint.ts";
import {
  type AwsError,
  errorOf,
  faultOf,
  isExpired,
  isOfWrongTime,
  isRejectedKey,
  isThrottled,
} from "./errors.ts";
import { contentType, type Parameters, queryBody } from "./query.ts";
import type { ApiConfig } from "./schema.ts";
import { signed } from "./sign.ts";
import { type Element, readXml } from "./xml.ts";

export interface Call {
  readonly action: string;
  readonly parameters: Parameters;
  /** The instances that it is about, for messages; empty if it is about none in particular. */
  readonly instances: string;
}

/** A response of AWS: the element `<ActionResponse>`, or the error and the fault that becomes of it. */
export type Answer =
  | { readonly root: Element }
  | { readonly error: AwsError; readonly fault: Fault };

/** Makes the calls of one generation of Elastic Load Balancing. */
export class Api implements AsyncDisposable {
  readonly #name: string;
  readonly #generation: Generation;
  readonly #config: ApiConfig;
  readonly #deps: DestinationDeps;
  readonly #access: Access;
  #url: URL | undefined;

  constructor(name: string, generation: Generation, config: ApiConfig, deps: DestinationDeps) {
    this.#name = name;
    this.#generation = generation;
    this.#config = config;
    this.#deps = deps;
    this.#access = openAccess(name, config, deps);
  }

  /** The id of this machine. */
  async instanceId(signal: AbortSignal): Promise<string> {
    return await this.#access.machine.id(signal);
  }

  describe(): readonly string[] {
    const { machine, chain, sender, wallClock } = this.#access;
    const { aheadMs } = wallClock;
    const skew = `clock of this machine ${formatDuration(Math.abs(aheadMs))} ${aheadMs > 0 ? "ahead" : "behind"}`;
    return [
      machine.describeRegion(),
      chain.source && `credentials: ${chain.source}`,
      this.#url && sender.describeProxy(this.#url),
      aheadMs === 0 ? undefined : skew,
    ].filter((part) => part !== undefined);
  }

  /** Makes a call. An error response is an answer, too; anything else that goes wrong is thrown as a fault. */
  async call(call: Call, signal: AbortSignal): Promise<Answer> {
    const { machine, chain, wallClock } = this.#access;
    const region = await machine.region(signal);
    const url = endpointOf(this.#generation, this.#config.endpoint, region, this.#deps.env);
    if (typeof url === "string") {
      const { action } = call;
      throw faults.DESTINATION_REFUSED({ name: this.#name, action, why: `${url}: correct it` });
    }
    this.#url = url;
    for (let renewed = false, corrected = false; ; ) {
      const { answer, date } = await this.#attempt(call, url, region, signal);
      if ("root" in answer) return answer;
      const { error } = answer;
      if (isExpired(error) || isRejectedKey(error)) chain.drop();
      if (isExpired(error) && !renewed) renewed = true;
      else if (isOfWrongTime(error) && !corrected && wallClock.correct(date)) corrected = true;
      else return answer;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#access[Symbol.asyncDispose]();
  }

  async #attempt(call: Call, url: URL, region: string, signal: AbortSignal) {
    const { chain, wallClock, sender } = this.#access;
    const { action, parameters } = call;
    const { host: service, version } = this.#generation;
    const key = await chain.get(signal);
    const body = queryBody(action, version, parameters);
    const unsigned = { url, headers: { "content-type": contentType }, body };
    const headers = signed(unsigned, key, { region, service, dateMs: wallClock.nowMs() });
    let result: RequestResult = "unreachable";
    try {
      // Responses are short: compressed ones are not read.
      const sent = { ...headers, "accept-encoding": "identity" };
      const response = await sender.post({ action, url, headers: sent, body }, signal);
      const answer = this.#answer(response, call, url, region, key);
      result = "root" in answer ? "ok" : isThrottled(answer.error) ? "throttled" : "refused";
      return { answer, date: response.headers.date };
    } finally {
      if (!signal.aborted) this.#deps.onRequest?.(result);
    }
  }

  #answer({ status, body }: HttpResponse, call: Call, url: URL, region: string, key: Credentials) {
    const [name, { action, instances }, at] = [this.#name, call, url.origin];
    const root = readXml(body);
    const error = typeof root === "string" ? undefined : errorOf(root, status);
    if (error) {
      const why = hideSecrets(error.why, [key.secretAccessKey, key.sessionToken ?? ""]);
      const attempted = { name, action, region, credentials: key.source, instances };
      const hiding = { ...error, why };
      return { error: hiding, fault: faultOf(hiding, attempted) } satisfies Answer;
    }
    if (status === 200 && typeof root !== "string" && root.name === `${action}Response`) {
      return { root } satisfies Answer;
    }
    const found = typeof root === "string" ? root : `its root is <${shortened(root.name)}>`;
    const why = `status ${status}, ${found}`;
    throw faults.DESTINATION_UNREADABLE({ name, at, action, why });
  }
}
