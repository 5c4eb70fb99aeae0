import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { type ProcessTerminal, terminalOf } from "../../../cli/top/terminal.ts";

/** A terminal that records what is done with it. */
function scene(more: Partial<ProcessTerminal> = {}) {
  const done: unknown[] = [];
  const exits = new Set<() => void>();
  const stdin = Object.assign(new EventEmitter(), {
    setEncoding: () => stdin,
    setRawMode: (isRaw: boolean) => done.push({ isRaw }),
    pause: () => done.push("pause"),
  });
  const stdout = Object.assign(new EventEmitter(), {
    write: (text: string) => done.push(text),
    ...{ columns: 0, rows: 0 },
  });
  const given = {
    ...{ isPresent: true, kind: "xterm", stdin: () => stdin, stdout },
    writeNow: (text: string) => done.push(text),
    onExit: (listener: () => void) => {
      exits.add(listener);
      return { [Symbol.dispose]: () => void exits.delete(listener) };
    },
    ...more,
  } as unknown as ProcessTerminal;
  return { done, exits, stdin, stdout, given };
}

const entered = [{ isRaw: true }, "\x1b[?1049h\x1b[?25l\x1b[?7l"];
const left = [{ isRaw: false }, "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"];

test("a terminal is as it was once it is disposed of, or the process exits, and only once", () => {
  for (const [first, second] of [
    ["dispose", "exit"],
    ["exit", "dispose"],
  ]) {
    const { done, exits, stdin, stdout, given } = scene();
    const typed: string[] = [];
    const listener = {
      onInput: (text: string) => typed.push(text),
      onResize: () => {},
      onEnd: () => {},
    };
    const terminal = terminalOf(given)?.(listener);
    stdin.emit("data", "x");
    assert.deepEqual(done, entered);
    assert.deepEqual(terminal?.size, { columns: 80, rows: 24 });
    for (const way of [first, second]) {
      if (way === "exit") for (const one of exits) one();
      else terminal?.[Symbol.dispose]();
    }
    assert.deepEqual(
      done.filter((one) => one !== "pause"),
      [...entered, ...left],
    );
    assert.equal(exits.size, 0);
    stdin.emit("data", "y");
    assert.deepEqual(typed, ["x"]);
    assert.equal(stdin.listenerCount("data") + stdout.listenerCount("resize"), 0);
  }
});

test("no screen is opened where there is no terminal, or one that cannot show it", () => {
  for (const more of [{ isPresent: false }, { kind: "dumb" }, { kind: undefined }])
    assert.equal(terminalOf(scene(more).given), undefined);
});
