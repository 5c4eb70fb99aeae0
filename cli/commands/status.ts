import { Fault, sentence } from "../../lib/base/fault.ts";
import { printableJson } from "../../lib/base/printable.ts";
import type { Assessment, StatusReport } from "../../lib/status/contract.ts";
import { formatReport } from "../../lib/status/format.ts";
import { describeAgent, statusAt } from "../ask-status.ts";
import { type AgentSelector, locateAgent, locateAgents } from "../locate-agent.ts";
import type { World } from "../world.ts";

interface StatusQuestion {
  /** Print JSON instead of text. */
  readonly json: boolean;
  /** The question that the exit code answers; `degraded` if the options ask none. */
  readonly question: "healthy" | "ready" | "degraded";
}

export type StatusOptions = AgentSelector & StatusQuestion;

/** The exit code of an agent that is healthy and degraded. */
const degradedCode = 3;

/**
 * Prints the status of a running agent. Returns 0 if all is as it should be, 3 if it is degraded and 1 if it is unhealthy;
 * for the other questions, 0 if the answer is yes and 1 otherwise.
 */
export async function status(
  { json, question, ...selector }: StatusOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const path = await locateAgent(selector, world, signal);
  const report = await statusAt(path, world, signal);
  if (report instanceof Fault) throw report;
  world.out.write(json ? `${printableJson(report, 2)}\n` : formatReport(report));
  return codeOf(report, question);
}

/** The exit codes, the worst first. */
const worstFirst = [1, degradedCode, 0];

/**
 * Prints the status of all running agents of this user, as JSON a list of `{ socket, report }`; instead of a report, `fault` for an
 * agent that does not answer. Returns the worst code of `status`, which is 1 for such an agent.
 */
export async function statusOfAll(
  { json, question }: StatusQuestion,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const sockets = await locateAgents(world, signal);
  const agents = await Promise.all(
    sockets.map(async (socket) => ({ socket, answer: await statusAt(socket, world, signal) })),
  );
  const text = json
    ? `${printableJson(agents.map(asJson), 2)}\n`
    : agents.map((agent) => asText(agent)).join("\n");
  world.out.write(text);
  const codes = agents.map(({ answer }) =>
    answer instanceof Fault ? 1 : codeOf(answer, question),
  );
  return worstFirst.find((code) => codes.includes(code)) ?? 0;
}

interface Agent {
  readonly socket: string;
  readonly answer: StatusReport | Fault;
}

function asJson({ socket, answer }: Agent): object {
  if (!(answer instanceof Fault)) return { socket, report: answer };
  return { socket, fault: { code: answer.code, message: sentence(answer) } };
}

function asText({ socket, answer }: Agent): string {
  const title = `==> ${describeAgent(answer)}: ${socket} <==\n`;
  return `${title}${answer instanceof Fault ? `${sentence(answer)}\n` : formatReport(answer)}`;
}

function codeOf(
  { healthy, ready, degraded }: Assessment,
  question: StatusQuestion["question"],
): number {
  if (question === "ready") return ready ? 0 : 1;
  if (!healthy) return 1;
  return question === "degraded" && degraded ? degradedCode : 0;
}
