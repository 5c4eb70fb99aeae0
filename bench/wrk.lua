-- For bench/wrk.ts: paces each connection, and prints the time of each failure.
local ffi = require("ffi")
ffi.cdef("typedef struct { long sec; long nsec; } moment; int clock_gettime(int clock, moment *now);")
local now = ffi.new("moment")
local pause = tonumber(os.getenv("WRK_PAUSE_MS"))

-- wrk does not count correctly if a connection is closed during its pause.
if pause > 0 then
  function delay()
    return pause
  end
end

function response(status)
  if status ~= 200 then
    ffi.C.clock_gettime(1, now)
    local ms = tonumber(now.sec) * 1e3 + tonumber(now.nsec) / 1e6
    io.write(string.format("failed %d %.3f\n", status, ms))
    io.flush()
  end
end

function done(summary, latency)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("done %d %d %.3f %.3f\n",
    summary.requests, broken, latency:percentile(99) / 1e3, latency.max / 1e3))
end
