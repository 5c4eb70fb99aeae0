import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Host } from "./network.ts";

const program = `
const [host, port] = process.argv[1].split(":");
const socket = require("node:net").connect(port, host);
const say = (what) => { console.log(what); process.exit(); };
socket.on("connect", () => say("connected"));
socket.on("error", ({ code }) => say(code));
setTimeout(() => say("silent"), 700);
`;

/** What comes of connecting from a host to `address:port`: `connected`, `silent` or a code of the system. */
export async function reach(host: Host, endpoint: string): Promise<string> {
  const [file = "", ...args] = host.on([process.execPath, "-e", program, endpoint]);
  return (await promisify(execFile)(file, args)).stdout.trim();
}
