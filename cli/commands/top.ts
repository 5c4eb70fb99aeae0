import { Cell } from "../../lib/base/cell.ts";
import { Fault, sentence } from "../../lib/base/fault.ts";
import { race } from "../../lib/base/signal.ts";
import { getJson } from "../../lib/control/client.ts";
import type { Overview } from "../../lib/overview/contract.ts";
import { formatOverview } from "../../lib/overview/format.ts";
import { withAnswerTimeout } from "../answer-timeout.ts";
import { type AgentSelector, locateAgent } from "../locate-agent.ts";
import { keysIn } from "../top/keys.ts";
import { drawing, emptyFrame, type Frame, frameOf } from "../top/screen.ts";
import { afterKey, type Heard, initialChoice } from "../top/state.ts";
import type { OpenTerminal } from "../top/terminal.ts";
import type { World } from "../world.ts";

export interface TopOptions extends AgentSelector {
  /** Print the overview and end, also on a terminal. */
  readonly once: boolean;
}

/** How often the agent is asked, and the screen shows how old the answer is, in milliseconds. */
const everyMs = 1000;

/**
 * Shows the overview of a running agent until a person leaves. Without a terminal, prints it and returns the exit code of
 * `sidekick status`: 0 if all is as it should be, 3 if it is degraded and 1 if it is unhealthy.
 */
export async function top(
  { once, ...selector }: TopOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const path = await locateAgent(selector, world, signal);
  const request = (s: AbortSignal) => getJson<Overview>(path, "/overview", s);
  const ask = (s: AbortSignal) => withAnswerTimeout(path, request, world, s);
  // A command that finds no agent leaves the terminal as it is.
  const first = await ask(signal);
  if (!once && world.terminal) return await show(first, ask, world.terminal, world, signal);
  world.out.write(formatOverview(first));
  if (first.verdict.state === "unhealthy") return 1;
  return first.reasons.length > 0 ? 3 : 0;
}

async function show(
  first: Overview,
  ask: (signal: AbortSignal) => Promise<Overview>,
  open: OpenTerminal,
  { clock, env }: Pick<World, "clock" | "env">,
  signal: AbortSignal,
): Promise<number> {
  const isPlain = (env.NO_COLOR ?? "") !== "";
  const heard = new Cell(answered(first, clock.now()));
  const choice = new Cell(initialChoice);
  const resized = new Cell(0);
  let frame: Frame = emptyFrame;
  using terminal = open({
    onInput: (text) => {
      for (const key of keysIn(text)) choice.set(afterKey(choice.value, key, frame));
    },
    onResize: () => resized.set(resized.value + 1),
    onEnd: () => choice.set({ ...choice.value, isLeaving: true }),
  });
  const redraw = async (s: AbortSignal) => {
    let drawn: { readonly frame: Frame; readonly size: number } | undefined;
    for (;;) {
      const seen = [heard, choice, resized].map((cell) => ({ cell, version: cell.version }));
      const look = { size: terminal.size, nowMs: clock.now(), isPlain };
      frame = frameOf(heard.value, choice.value, look);
      const before = drawn?.size === resized.version ? drawn.frame.rows : undefined;
      terminal.write(drawing(before, frame.rows));
      drawn = { frame, size: resized.version };
      await race<void>(
        s,
        (each) => clock.sleep(everyMs, each),
        ...seen.map(
          ({ cell, version }) =>
            (each: AbortSignal) =>
              cell.newer(version, each),
        ),
      );
    }
  };
  const poll = async (s: AbortSignal) => {
    for (;;) {
      await clock.sleep(everyMs, s);
      const before = heard.value;
      heard.set(await ask(s).then((one) => answered(one, clock.now()), unanswered(before)));
    }
  };
  const left = async (s: AbortSignal) => void (await choice.until((one) => one.isLeaving, s));
  await race<void>(signal, left, redraw, poll);
  return 0;
}

function answered(overview: Overview, atMs: number): Heard {
  return { last: { overview, text: formatOverview(overview) }, atMs, problem: "" };
}

/** Keeps the last answer, with the reason why there is no newer one. */
function unanswered(before: Heard): (error: unknown) => Heard {
  return (error) => {
    if (error instanceof Fault) return { ...before, problem: sentence(error) };
    throw error;
  };
}
