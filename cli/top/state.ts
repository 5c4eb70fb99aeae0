import type { Overview } from "../../lib/overview/contract.ts";
import type { Key } from "./keys.ts";

/** What an agent has answered so far. Times are milliseconds on the clock of the command. */
export interface Heard {
  /** The last overview, and its text. */
  readonly last: { readonly overview: Overview; readonly text: string };
  /** When that was. */
  readonly atMs: number;
  /** Why the latest question has no answer; empty if it has one. */
  readonly problem: string;
}

/** What a person has chosen to see. */
export interface Choice {
  /** The first row of the text that is shown. */
  readonly top: number;
  /** Only lines with this text are shown; empty for all. */
  readonly filter: string;
  /** Whether the filter is being typed. */
  readonly isTyping: boolean;
  readonly isLeaving: boolean;
}

export const initialChoice: Choice = { top: 0, filter: "", isTyping: false, isLeaving: false };

/** The longest filter, in characters. */
const longest = 100;

/** The rows of text that are visible, and the last row at which these may begin. */
interface Shown {
  readonly page: number;
  readonly most: number;
}

/** The choice after a key. */
export function afterKey(choice: Choice, key: Key, { page, most }: Shown): Choice {
  if (key === "interrupt") return { ...choice, isLeaving: true };
  if (choice.isTyping) return afterTyping(choice, key);
  // The text may have become shorter since.
  const top = Math.min(choice.top, most);
  const at = (row: number) => ({ ...choice, top: Math.max(0, Math.min(row, most)) });
  switch (typeof key === "string" ? key : key.text) {
    case "q":
      return { ...choice, isLeaving: true };
    case "/":
      return { ...choice, filter: "", isTyping: true, top: 0 };
    case "escape":
      return { ...choice, filter: "", top: 0 };
    case "up":
    case "k":
      return at(top - 1);
    case "down":
    case "j":
    case "enter":
      return at(top + 1);
    case "page up":
    case "b":
      return at(top - page);
    case "page down":
    case " ":
      return at(top + page);
    case "home":
    case "g":
      return at(0);
    case "end":
    case "G":
      return at(most);
    default:
      return choice;
  }
}

function afterTyping(choice: Choice, key: Key): Choice {
  if (key === "enter") return { ...choice, isTyping: false };
  if (key === "escape") return { ...choice, isTyping: false, filter: "" };
  const { filter } = choice;
  if (key === "backspace") return { ...choice, filter: [...filter].slice(0, -1).join("") };
  if (typeof key === "string") return choice;
  return { ...choice, filter: (filter + key.text).slice(0, longest), top: 0 };
}
