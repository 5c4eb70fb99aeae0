import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Host } from "./network.ts";

const program = `
const [host, port] = process.argv[1].split(":");
const socket = require("node:net").connect(port, host);
const report = (result) => { console.log(result); process.exit(); };
socket.on("connect", () => report("connected"));
socket.on("error", ({ code }) => report(code));
setTimeout(() => report("silent"), 700);
`;

/** The result of connecting from a host to `address:port`: `connected`, `silent` or the code of a system error. */
export async function reach(host: Host, endpoint: string): Promise<string> {
  const [file = "", ...args] = host.on([process.execPath, "-e", program, endpoint]);
  return (await promisify(execFile)(file, args)).stdout.trim();
}
