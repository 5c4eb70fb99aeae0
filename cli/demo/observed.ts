import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Story } from "./story.ts";
import type { Tally } from "./traffic.ts";

/** What the demo has seen of its sidekick so far, told as it is seen. */
export class Observed {
  /** The instances whose last verdict was "up". */
  readonly up = new Set<string>();
  /** Value by key. */
  readonly keys = new Map<string, string>();
  /** The addresses that the rendered file lists. */
  upstream: readonly string[] = [];
  readonly tally: Tally = { served: new Map(), failed: 0 };
  readonly #target: string;
  readonly #story: Story;

  constructor(target: string, story: Story) {
    this.#target = target;
    this.#story = story;
  }

  /** Takes a line of the sidekick's log. */
  readonly heard = (line: string): void => {
    const said = parse(line);
    if (!said) this.#story.tell(`sidekick says: ${line}`);
    else if (said.event === "health_changed") this.#verdict(said);
    else if (said.event === "registered") this.#announced(said);
    else if (said.event === "deregistered") this.#removed(said);
    else if (said.event === "file_written") this.#written();
    else if (said.event === "applied" && said.applied)
      this.#story.tell(`  proxy     ${said.message}`);
    else if (said.event === "fault") this.#story.tell(`  note      ${said.message}`);
    this.#story.saw();
  };

  servedBy(...names: readonly string[]): boolean {
    return names.every((name) => this.tally.served.has(name));
  }

  /** The requests so far, in words. */
  summary(): string {
    const { served, failed } = this.tally;
    const all = [...served.values()].reduce((sum, count) => sum + count, 0);
    const each = [...served].sort().map(([name, count]) => `${name} ${count}`);
    return `requests so far: ${all} served (${each.join(", ")}), ${failed} failed`;
  }

  #verdict({ id = "", verdict, message }: Line): void {
    if (verdict === "up") this.up.add(id);
    else this.up.delete(id);
    this.#story.tell(`  check     ${message}`);
  }

  #announced({ key = "", value = "" }: Line): void {
    this.keys.set(key, value);
    this.#story.tell(`  key       ${key} = ${value}`);
  }

  #removed({ key = "" }: Line): void {
    this.keys.delete(key);
    this.#story.tell(`  key       ${key} is gone`);
  }

  #written(): void {
    const lines = readFileSync(this.#target, "utf8").split("\n");
    const servers = lines.filter((line) => /^\s*server\s.*127\.0\.0\.1:\d{3}/.test(line));
    this.upstream = servers.map((line) => /127\.0\.0\.1:\d+/.exec(line)?.[0] ?? "");
    this.#story.tell(`  rendered  ${servers.length} servers in ${basename(this.#target)}`);
    for (const line of servers) this.#story.tell(`            ${line.trim()}`);
  }
}

interface Line {
  readonly event: string;
  readonly message: string;
  readonly applied?: string;
  readonly id?: string;
  readonly verdict?: string;
  readonly key?: string;
  readonly value?: string;
}

function parse(line: string): Line | undefined {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
}
