import { readdirSync } from "node:fs";
import { performance } from "node:perf_hooks";
import type { Family } from "../../lib/metrics/contract.ts";

/** The metrics of this process, under the names that the client libraries of Prometheus use. */
export function processFamilies(): readonly Family[] {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const openFds = openFileDescriptors();
  return [
    {
      name: "process_cpu_seconds_total",
      help: "User and system CPU time of this process in seconds",
      type: "counter",
      samples: [{ value: (user + system) / 1e6 }],
    },
    gauge("process_resident_memory_bytes", "Resident memory of this process in bytes", rss),
    gauge(
      "process_start_time_seconds",
      "When this process was started, in seconds since 1970",
      performance.timeOrigin / 1000,
    ),
    ...(openFds === undefined
      ? []
      : [gauge("process_open_fds", "Open file descriptors of this process", openFds)]),
    gauge("nodejs_heap_used_bytes", "Used heap of V8 in bytes", heapUsed),
    {
      name: "sidekick_event_loop_active_seconds_total",
      help: "How long the event loop was busy, in seconds: a rate near 1 means that everything else waits",
      type: "counter",
      samples: [{ value: performance.eventLoopUtilization().active / 1000 }],
    },
  ];
}

function gauge(name: string, help: string, value: number): Family {
  return { name, help, type: "gauge", samples: [{ value }] };
}

/** Undefined where the system has no list of them. */
function openFileDescriptors(): number | undefined {
  try {
    // The list is read through a descriptor of its own.
    return readdirSync("/proc/self/fd").length - 1;
  } catch {
    return undefined;
  }
}
