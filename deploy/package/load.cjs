// The first script of the single executable. Loads the modules of the program, which are inside of it, when they are needed: each with what
// V8 has compiled of it when the executable was made.
const { dirname, join } = require("node:path");
const { getAsset, getAssetKeys, getRawAsset } = require("node:sea");
const vm = require("node:vm");

const names = new Set(getAssetKeys());
const modules = new Map();

function load(name) {
  const known = modules.get(name);
  if (known) return known.exports;
  const module = { exports: {} };
  modules.set(name, module);
  const compiled = `${name}.compiled`;
  const run = vm.compileFunction(getAsset(name, "utf8"), ["exports", "require", "module"], {
    filename: `(sidekick)/${name}`,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    ...(names.has(compiled) && { cachedData: new Uint8Array(getRawAsset(compiled)) }),
  });
  run(
    module.exports,
    (id) => (id.startsWith(".") ? load(join(dirname(name), id)) : require(id)),
    module,
  );
  return module.exports;
}

load("dist/cli/main.js");
