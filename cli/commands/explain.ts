import { Fault } from "../../lib/base/fault.ts";
import { printableJson, printableLines } from "../../lib/base/printable.ts";
import { postJson } from "../../lib/control/client.ts";
import type { Explanation, LineExplanation } from "../../lib/overview/explanation.ts";
import { formatExplanation, formatLine } from "../../lib/overview/format-explanation.ts";
import { withAnswerTimeout } from "../answer-timeout.ts";
import { faults } from "../faults.ts";
import { type AgentSelector, locateAgent } from "../locate-agent.ts";
import type { World } from "../world.ts";

export interface ExplainOptions extends AgentSelector {
  /** An instance, by name or key; or a line of a file. */
  readonly asked: string | { readonly target: string; readonly line: number };
  /** Print JSON instead of text. */
  readonly json: boolean;
}

/** The time limit of an answer, in milliseconds: a line may take some seconds. */
const limitMs = 10_000;

const codes: Readonly<Record<Explanation["verdict"], number>> = {
  "gets traffic": 0,
  used: 0,
  "gets no traffic": 3,
  unused: 3,
  unknown: 1,
};

/**
 * Prints why an instance gets traffic or not, and returns 0 if it does, 3 if not, and 1 if nothing is known of it. Of a line, prints
 * the keys that it depends on. Throws CLI_EXPLAIN_NO_AGENT.
 */
export async function explain(
  { asked, json, ...selector }: ExplainOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const request = typeof asked === "string" ? { name: asked } : asked;
  const answer = await ask(selector, request, world, signal);
  const lines = "verdict" in answer ? formatExplanation(answer) : formatLine(answer);
  world.out.write(json ? `${printableJson(answer, 2)}\n` : printableLines(lines));
  return "verdict" in answer ? codes[answer.verdict] : 0;
}

/** Throws CLI_EXPLAIN_NO_AGENT. */
async function ask(
  selector: AgentSelector,
  request: object,
  world: World,
  signal: AbortSignal,
): Promise<Explanation | LineExplanation> {
  try {
    const path = await locateAgent(selector, world, signal);
    const asking = (s: AbortSignal) =>
      postJson<Explanation | LineExplanation>(path, "/explain", request, s);
    return await withAnswerTimeout(path, asking, world, signal, limitMs);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "CONTROL_NO_AGENT") throw error;
    throw faults.CLI_EXPLAIN_NO_AGENT({ why: error.message }, error);
  }
}
