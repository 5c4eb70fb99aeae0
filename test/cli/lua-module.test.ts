import assert from "node:assert/strict";
import { test } from "node:test";
import { luaModuleWarnings } from "../../cli/check/lua-module.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";

test("a machine without nginx's Lua module is warned about where control is set", () => {
  const planOf = (proxy: object) => {
    return { templates: [{ target: { path: "/a" }, proxy }] } as unknown as WatchPlan;
  };
  const live = planOf({ type: "nginx", control: "unix:/x" });
  assert.match(luaModuleWarnings(live, ["/none"]).join(), /^\/a: .*libnginx-mod-http-lua/);
  assert.deepEqual(luaModuleWarnings(live, ["/none", "/"]), []);
  const others = [
    { type: "nginx" },
    { type: "nginx", control: "unix:/x", reload: ["x"] },
    undefined,
  ];
  for (const other of others) assert.deepEqual(luaModuleWarnings(planOf(other as object), []), []);
});
