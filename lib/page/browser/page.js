// Keeps the page up to date: applies the differences that /events sends to the elements that the agent has written.
// Text is only ever set as text.

/** So long without a sign of life, and what the page shows may be wrong, in milliseconds. */
const staleMs = 20_000;

const svg = "http://www.w3.org/2000/svg";
/** What this script or the reader has changed, which the agent does not know. */
const ours = new Set(["open", "data-ago"]);
const diffs = new Map();
let heardAt = Date.now();
let shownId = document.body.dataset.id;
let source;

function make(wire) {
  if (typeof wire === "string") return document.createTextNode(wire);
  const [tag, attributes, ...parts] = wire;
  const isDrawing = tag === "svg" || tag === "rect";
  const element = isDrawing ? document.createElementNS(svg, tag) : document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...parts.map(make));
  return element;
}

function setAttributes(element, attributes) {
  for (const { name } of [...element.attributes]) {
    if (!(name in attributes || ours.has(name))) element.removeAttribute(name);
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }
}

/** Makes the children of an element those that the changes describe; the ones that stay keep focus and what is open. */
function apply(element, changes) {
  const before = [...element.childNodes];
  const after = [];
  for (const change of changes) {
    if (!Array.isArray(change)) after.push(marked(make(change.new)));
    else if (change.length === 2) after.push(...before.slice(change[0], change[0] + change[1]));
    else {
      const [from, attributes, inner] = change;
      const child = before[from];
      if (attributes) setAttributes(child, attributes);
      apply(child, inner);
      after.push(child);
    }
  }
  place(element, before, after);
}

/** Shows for a moment which rows are new. */
function marked(node) {
  if (node.localName === "tr" || node.localName === "li") node.classList.add("new");
  return node;
}

function place(element, before, after) {
  const kept = new Set(after);
  for (const node of before) if (!kept.has(node)) node.remove();
  after.forEach((node, i) => {
    const there = element.childNodes[i];
    if (there !== node) element.insertBefore(node, there ?? null);
  });
}

/** As `apply`, of a tree that is not known to the agent: an element takes over the one with its tag at its place. */
function become(element, [, attributes, ...parts]) {
  setAttributes(element, attributes);
  const before = [...element.childNodes];
  const after = parts.map((part, i) => {
    const there = before[i];
    if (typeof part === "string" || there?.localName !== part[0]) return make(part);
    become(there, part);
    return there;
  });
  place(element, before, after);
}

function heard(event) {
  heardAt = Date.now();
  if (event.lastEventId) shownId = event.lastEventId;
}

function listen() {
  source?.close();
  source = new EventSource(`/events?id=${encodeURIComponent(shownId)}`);
  source.addEventListener("open", heard);
  source.addEventListener("alive", heard);
  for (const [name, update] of [
    ["change", apply],
    ["whole", become],
  ]) {
    source.addEventListener(name, (event) => {
      heard(event);
      // An id without its content must not be sent again.
      try {
        for (const one of document.querySelectorAll("div.diff")) hideDiff(one);
        update(document.getElementById("page"), JSON.parse(event.data));
        for (const one of document.querySelectorAll("details[data-diff][open]")) void showDiff(one);
        refresh();
      } catch {
        location.reload();
      }
    });
  }
}

function ago(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s} s ago`;
  if (s < 3600) return `${Math.floor(s / 60)} min ago`;
  if (s < 172_800) return `${Math.floor(s / 3600)} h ago`;
  return `${Math.floor(s / 86_400)} days ago`;
}

function refresh() {
  const now = Date.now();
  for (const time of document.querySelectorAll("time")) {
    const text = ago(now - Date.parse(time.dateTime));
    if (time.dataset.ago !== text) time.dataset.ago = text;
  }
  const silentMs = now - heardAt;
  const isStale = silentMs > staleMs;
  document.body.classList.toggle("stale", isStale);
  const text = isStale
    ? `No word from the agent: last heard ${ago(silentMs)}. What is shown may be out of date.`
    : `Live. Last heard ${ago(silentMs)}.`;
  const place = document.getElementById("heard");
  if (place.textContent !== text) place.textContent = text;
  const [word, host] = [".verdict .word", ".verdict .process strong"].map(
    (selector) => document.querySelector(selector)?.textContent ?? "",
  );
  document.title = `${isStale ? "out of date" : word} · ${host} · sidekick`;
}

function tick() {
  refresh();
  const isClosed = source.readyState === EventSource.CLOSED;
  // Also a connection that is half open is opened anew; what was heard remains as old as it is.
  if (isClosed || Date.now() - Math.max(heardAt, listenedAt) > staleMs) {
    listenedAt = Date.now();
    listen();
  }
}
let listenedAt = Date.now();

const links = new WeakMap();

function hideDiff(place) {
  const link = links.get(place);
  if (link) place.replaceChildren(link);
  links.delete(place);
}

async function showDiff(details) {
  const n = details.dataset.diff;
  if (!diffs.has(n)) {
    try {
      const answer = await fetch(`/diff?n=${encodeURIComponent(n)}`);
      const text = await answer.text();
      if (answer.ok) diffs.set(n, text);
      if (!answer.ok) return;
    } catch {
      return;
    }
  }
  const place = details.querySelector("div.diff");
  if (!place || links.has(place) || details.dataset.diff !== n) return;
  links.set(place, place.firstElementChild);
  const pre = document.createElement("pre");
  pre.tabIndex = 0;
  for (const line of diffs.get(n).trimEnd().split("\n")) {
    const span = document.createElement("span");
    const kind = /^(\+\+\+|---|===|@@|Index: )/.test(line)
      ? "at"
      : { "+": "added", "-": "removed" }[line[0]];
    if (kind) span.className = kind;
    span.textContent = `${line}\n`;
    pre.append(span);
  }
  place.replaceChildren(pre);
}

async function copy(button) {
  const { copy: text } = button.dataset;
  let word = "Copied";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Browsers give the clipboard only to secure pages: the text is selected instead.
    getSelection().selectAllChildren(button.parentElement.querySelector("code"));
    word = "Selected";
  }
  button.textContent = word;
  setTimeout(() => {
    button.textContent = "Copy";
  }, 1500);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("button[data-copy]");
  if (button) void copy(button);
});
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (target.open && target.dataset?.diff) void showDiff(target);
  },
  true,
);
document.documentElement.classList.add("live");
listen();
setInterval(tick, 1000);
refresh();
