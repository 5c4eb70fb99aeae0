import { existsSync } from "node:fs";
import type { WatchPlan } from "../../lib/config/plan.ts";

/** Where nginx has its Lua module on Debian, and where OpenResty is, which contains it. */
const places = ["/usr/lib/nginx/modules/ngx_http_lua_module.so", "/usr/local/openresty"];

/** Warnings of files whose nginx cannot be changed at run time on this machine, although that is configured. */
export function luaModuleWarnings(
  { templates }: WatchPlan,
  paths: readonly string[] = places,
): readonly string[] {
  const live = templates.filter(({ proxy }) => {
    // With a command, nginx may run elsewhere.
    return proxy?.type === "nginx" && proxy.control !== undefined && proxy.reload === undefined;
  });
  if (live.length === 0 || paths.some((path) => existsSync(path))) return [];
  const targets = live.map(({ target }) => target.path).join(", ");
  return [
    `${targets}: every change of servers takes a reload until nginx has its Lua module (package libnginx-mod-http-lua), which control needs`,
  ];
}
