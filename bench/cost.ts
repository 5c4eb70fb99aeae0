import { readFile } from "node:fs/promises";

/** Milliseconds of processor time that a process has used, in steps of ten. */
export async function cpuMs(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
  const ticksPerSecond = 100;
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

/** The memory of a process in MB: what it takes now, and the most that it ever took. */
export interface Memory {
  readonly nowMb: number;
  readonly peakMb: number;
}

export async function memory(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const mb = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
  return { nowMb: mb("VmRSS"), peakMb: mb("VmHWM") };
}
