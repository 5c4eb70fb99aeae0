import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Timeline } from "./timeline.ts";
import type { RequestCounts } from "./traffic.ts";

/** The state of the demo's sidekick as its log shows it. Each change is printed. */
export class Observed {
  /** The healthy instances. */
  readonly healthy = new Set<string>();
  /** Registered values by key. */
  readonly keys = new Map<string, string>();
  /** The addresses in the rendered file. */
  upstream: readonly string[] = [];
  readonly requests: RequestCounts = { served: new Map(), failed: 0 };
  readonly #target: string;
  readonly #timeline: Timeline;

  constructor(target: string, timeline: Timeline) {
    this.#target = target;
    this.#timeline = timeline;
  }

  /** Takes a line of the sidekick's log. */
  readonly onLogLine = (text: string): void => {
    const line = parse(text);
    if (!line) this.#timeline.print(`sidekick: ${text}`);
    else if (line.event === "health_changed") this.#healthChanged(line);
    else if (line.event === "registered") this.#registered(line);
    else if (line.event === "deregistered") this.#deregistered(line);
    else if (line.event === "file_written") this.#fileWritten();
    else if (line.event === "applied" && line.applied)
      this.#timeline.print(`  proxy     ${line.message}`);
    else if (line.event === "fault") this.#timeline.print(`  note      ${line.message}`);
    this.#timeline.changed();
  };

  /** Whether each of these applications has answered a request. */
  hasServed(...names: readonly string[]): boolean {
    return names.every((name) => this.requests.served.has(name));
  }

  /** The requests so far, for people. */
  summary(): string {
    const { served, failed } = this.requests;
    const all = [...served.values()].reduce((sum, count) => sum + count, 0);
    const each = [...served].sort().map(([name, count]) => `${name} ${count}`);
    return `requests so far: ${all} served (${each.join(", ")}), ${failed} failed`;
  }

  #healthChanged({ id = "", verdict, message }: LogLine): void {
    if (verdict === "up") this.healthy.add(id);
    else this.healthy.delete(id);
    this.#timeline.print(`  check     ${message}`);
  }

  #registered({ key = "", value = "" }: LogLine): void {
    this.keys.set(key, value);
    this.#timeline.print(`  key       ${key} = ${value}`);
  }

  #deregistered({ key = "" }: LogLine): void {
    this.keys.delete(key);
    this.#timeline.print(`  key       ${key} deleted`);
  }

  #fileWritten(): void {
    const lines = readFileSync(this.#target, "utf8").split("\n");
    const servers = lines.filter((line) => /^\s*server\s.*127\.0\.0\.1:\d{3}/.test(line));
    this.upstream = servers.map((line) => /127\.0\.0\.1:\d+/.exec(line)?.[0] ?? "");
    this.#timeline.print(`  rendered  ${servers.length} servers in ${basename(this.#target)}`);
    for (const line of servers) this.#timeline.print(`            ${line.trim()}`);
  }
}

interface LogLine {
  readonly event: string;
  readonly message: string;
  readonly applied?: string;
  readonly id?: string;
  readonly verdict?: string;
  readonly key?: string;
  readonly value?: string;
}

/** Undefined for a line that is not JSON. */
function parse(line: string): LogLine | undefined {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return undefined;
  }
}
