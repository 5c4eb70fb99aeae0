import { Fault } from "../base/fault.ts";
import { printableText } from "../base/printable.ts";
import type { Answer, Asked, Route, Routes } from "../control/contract.ts";
import type { JournalReader } from "../journal/contract.ts";
import type { Overview } from "../overview/contract.ts";
import { formatOverview } from "../overview/format.ts";
import { script, styles } from "./browser/files.ts";
import { diffText } from "./diff-text.ts";
import { documentOf } from "./document.ts";
import { headers } from "./headers.ts";
import { Live, type LiveDeps } from "./live.ts";

export interface Page {
  readonly routes: Routes;
  /** Keeps browsers up to date. `succeeded` is called after each look for changes. */
  readonly run: (succeeded: () => void, signal: AbortSignal) => Promise<void>;
}

export interface PageSources {
  readonly overview: (signal: AbortSignal) => Promise<Overview>;
  /** Undefined where no watcher runs. */
  readonly journal: Pick<JournalReader, "texts"> | undefined;
}

export interface PageDeps extends LiveDeps {
  readonly hostName: string;
}

/** The page of a process, for browsers; as text for other clients. */
export function openPage({ overview, journal }: PageSources, deps: PageDeps): Page {
  const live = new Live(overview, deps);
  const front: Route["answer"] = async (_, signal, asked) => {
    if (!isHtmlWanted(asked)) return plain(200, formatOverview(await overview(signal)));
    const body = documentOf(await live.refresh(signal), deps.hostName);
    return { status: 200, type: "text/html; charset=utf-8", headers, body };
  };
  const events: Route["answer"] = (_body, _signal, { query, headers: sent }) => {
    const id = sent["last-event-id"] ?? query.get("id") ?? undefined;
    const body: Answer["body"] = (sink, signal) => live.listen(String(id), sink, signal);
    return { status: 200, type: "text/event-stream", headers, body };
  };
  const diff: Route["answer"] = async (_body, _signal, { query }) => {
    const n = Number(query.get("n") ?? "x");
    if (!Number.isSafeInteger(n) || n < 1) return plain(400, "use /diff?n=1\n");
    if (!journal) return plain(404, "no watcher runs here\n");
    try {
      return plain(200, printableText(await diffText(journal, n)));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return plain(error.retry ? 503 : 404, `${printableText(error.message)}\n`);
    }
  };
  const file = (type: Answer["type"], body: string) =>
    route(() => ({ status: 200, type, headers, body }));
  return {
    routes: {
      "/": route(front),
      "/page.css": file("text/css; charset=utf-8", styles),
      "/page.js": file("text/javascript; charset=utf-8", script),
      "/events": route(events),
      "/diff": route(diff),
    },
    run: (succeeded, signal) => live.run(succeeded, signal),
  };
}

function route(answer: Route["answer"]): Route {
  return { methods: ["GET", "HEAD"], answer };
}

/** curl and monitors accept anything, and get text; a browser names HTML. */
function isHtmlWanted({ headers: { accept } }: Asked): boolean {
  return String(accept ?? "").includes("text/html");
}

function plain(status: number, body: string): Answer {
  return { status, type: "text/plain; charset=utf-8", headers, body };
}
