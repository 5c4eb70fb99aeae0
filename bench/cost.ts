import { readdir, readFile } from "node:fs/promises";

/** The CPU time of a process in milliseconds, in steps of ten. */
export async function cpuMs(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
  const ticksPerSecond = 100;
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

/** The CPU time of the commands that a process has run and waited for, in milliseconds, in steps of ten. */
export async function commandsCpuMs(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
  const ticksPerSecond = 100;
  return ((Number(fields[13]) + Number(fields[14])) * 1000) / ticksPerSecond;
}

/** The CPU time of all threads that a process has now, in milliseconds: precise, also where it is short. */
export async function preciseCpuMs(pid: number): Promise<number> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const stats = tasks.map((task) => readFile(`/proc/${pid}/task/${task}/schedstat`, "utf8"));
  const used = (await Promise.all(stats)).map((stat) => Number(stat.split(" ")[0]));
  return used.reduce((sum, ns) => sum + ns, 0) / 1e6;
}

/** The resident memory of a process in MB, now and at its peak. */
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
