/** What to do about a fault of a file, by the start of its code; the first one that fits. */
const advice: readonly (readonly [code: string, what: string])[] = [
  ["INSTALL_CHECK_FAILED", "correct the key, the template or the check command"],
  ["INSTALL_RESOURCES_EXHAUSTED", "free the resource, or raise its limit"],
  ["INSTALL_UNWRITABLE", "make the folder writable, or free space"],
  ["RENDER_RESOURCES_EXHAUSTED", "free the resource, or raise its limit"],
  ["RENDER_", "correct the key or the template"],
  ["PROXY_REJECTED", "correct the key or the template; the proxy's log has the details"],
  ["PROXY_NOT_RUNNING", "start the proxy"],
  ["PROXY_UNREACHABLE", "permit sidekick's user to reach the proxy"],
  ["PROXY_COMMAND_FAILED", "correct what the command reports"],
  ["PROXY_RESOURCES_EXHAUSTED", "free the resource, or raise its limit"],
  ["AGENT_RESOURCES_EXHAUSTED", "free the resource, or raise its limit"],
];

/** What to do about a fault of a file: it is tried again by itself, and when asked for. */
export function adviceOn(code: string): string {
  const [, what] = advice.find(([start]) => code.startsWith(start)) ?? [];
  return [what, "it is retried; `sidekick retry` does so at once"].filter(Boolean).join("; ");
}
