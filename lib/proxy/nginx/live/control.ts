import { chmod } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { sentence, systemCode } from "../../../base/fault.ts";
import type { Peers } from "./texts.ts";

/** The address of the control server, as nginx listens on it. TCP would let every user of the machine change servers. */
export const controlAddress = z.string().regex(/^unix:\/[^\s;{}"'\\#$`]+$/, {
  error: "expected a Unix socket, as in the template's listen: unix:/run/nginx/sidekick.sock",
});

/** Why something could not be found out or done. */
export interface ControlFailure {
  readonly reason: string;
  /** nginx has answered, and refused it. */
  readonly isRefused?: true;
}

/** An upstream, as nginx has it now. */
export interface ListedUpstream {
  /** Counts the changes of its peers since nginx was started. */
  readonly version: number;
  /** The MD5 of its peers, in hexadecimal digits. */
  readonly digest: string;
  /** That of the peers in the file, as nginx knows it. */
  readonly fileDigest: string;
}

/** The state of nginx. */
export interface Listing {
  /** What distinguishes this load of the files from all others. */
  readonly load: string;
  /** Counts the changes of all peers since nginx was started. */
  readonly changes: number;
  /** What an agent has noted about this load with `note`; undefined if none has. */
  readonly noted: string | undefined;
  readonly upstreams: ReadonlyMap<string, ListedUpstream>;
}

const scheme = "unix:";

/** The time limit of an answer, in milliseconds. */
const answerMs = 5000;

/** The control server of a running nginx. Each request has a connection of its own: one that is kept stays with an old worker. */
export class Control {
  readonly address: string;

  constructor(address: string) {
    this.address = address;
  }

  /** The load and the number of changes; with `all`, the upstreams, too. */
  async list(all: boolean, signal: AbortSignal): Promise<Listing | ControlFailure> {
    const answer = await this.#ask("GET", all ? "/upstreams" : "/", undefined, signal);
    return typeof answer === "string" ? parseListing(answer) : answer;
  }

  /** Has nginx keep the digest of what it was verified to have loaded, for the agent after this one. */
  async note(load: string, digest: string, signal: AbortSignal): Promise<void> {
    const query = `load=${encodeURIComponent(load)}&digest=${digest}`;
    // Without it, the next agent reloads.
    await this.#ask("PUT", `/verified?${query}`, "", signal);
  }

  /** Closes the socket to other users: nginx makes it for all of them. Where that is not permitted, its folder has to. */
  async protect(): Promise<void> {
    await chmod(this.address.slice(scheme.length), 0o600).catch((error: unknown) => {
      if (systemCode(error) === undefined) throw error;
    });
  }

  async peers(upstream: string, signal: AbortSignal): Promise<string | ControlFailure> {
    const path = `/peers?upstream=${encodeURIComponent(upstream)}`;
    return await this.#ask("GET", path, undefined, signal);
  }

  /** Replaces the peers of an upstream, if nginx still has this load. `isInFile` if the file has them, too. */
  async put(
    upstream: string,
    { text }: Peers,
    { load, isInFile }: { readonly load: string; readonly isInFile: boolean },
    signal: AbortSignal,
  ): Promise<string | ControlFailure> {
    const named = `upstream=${encodeURIComponent(upstream)}&load=${encodeURIComponent(load)}`;
    return await this.#ask("PUT", `/peers?${named}&file=${isInFile ? 1 : 0}`, text, signal);
  }

  /** The lines of the counters. */
  async counters(signal: AbortSignal): Promise<string | ControlFailure> {
    return await this.#ask("GET", "/counters", undefined, signal);
  }

  async #ask(
    method: string,
    path: string,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<string | ControlFailure> {
    // Loaded where a control server is asked: most configurations have none.
    const { request } = await import("node:http");
    const socketPath = this.address.slice(scheme.length);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const sent = request({ socketPath, method, path, agent: false, timeout: answerMs, signal })
      .on("response", resolve)
      .on("error", reject)
      .on("timeout", () => sent.destroy(new Error(`no answer after ${answerMs / 1000}s`)));
    sent.end(body);
    try {
      const response = await promise;
      const answer = await text(response);
      if (response.statusCode === 200) return answer;
      return { reason: refusal(response.statusCode, answer), isRefused: true };
    } catch (error) {
      signal.throwIfAborted();
      return { reason: `its control socket ${this.address} does not answer: ${sentence(error)}` };
    }
  }
}

function refusal(status: number | undefined, answer: string): string {
  if (status === 409) return "its files were loaded again meanwhile";
  if (status === 507) {
    return "no memory is left in lua_shared_dict sidekick: make it larger, or reload nginx with a template that does";
  }
  return `its control server refuses the change (${status}: ${answer.trim().slice(0, 200)})`;
}

/** Parses what the control server answers: a line for each upstream, after those of nginx itself. */
export function parseListing(answer: string): Listing | ControlFailure {
  const load = /^load (\S+)$/m.exec(answer)?.[1];
  const changes = /^changes (\d+)$/m.exec(answer)?.[1];
  if (load === undefined || changes === undefined) {
    return { reason: "its control socket answers something else" };
  }
  const upstreams = new Map<string, ListedUpstream>();
  for (const found of answer.matchAll(/^upstream (\d+) (\S+) (\S+) (.+)$/gm)) {
    const [, version, digest = "", fileDigest = "", name = ""] = found;
    upstreams.set(name, { version: Number(version), digest, fileDigest });
  }
  const noted = /^verified (\S+)$/m.exec(answer)?.[1];
  return { load, changes: Number(changes), noted, upstreams };
}
