// Builds dist/: the program and its libraries in few files, so that it starts faster and takes less memory.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { defineConfig } from "rolldown";

const require = createRequire(import.meta.url);

/** etcd3 reads its protocol from .proto files when it is loaded: here they are read once, at build time. */
const readProtocol = {
  name: "etcd-protocol",
  transform: {
    filter: { id: /\/etcd3\/lib\/connection-pool\.js$/ },
    handler(code, id) {
      const protobuf = require("protobufjs");
      const keepCase = { keepCase: true };
      const root = new protobuf.Root().loadSync(join(dirname(id), "../proto/rpc.proto"), keepCase);
      const call = /loadSync\)\(`\$\{__dirname\}\/\.\.\/proto\/rpc\.proto`,/;
      if (!call.test(code)) throw new Error(`${id} loads its protocol in another way`);
      return code.replace(call, () => `fromJSON)(${JSON.stringify(root.toJSON())},`);
    },
  },
};

/** The files of the page are read when it is opened: here they become strings, at build time. */
const readBrowserFiles = {
  name: "browser-files",
  transform: {
    filter: { id: /\/lib\/page\/browser\/files\.ts$/ },
    handler(code, id) {
      const text = (name) => JSON.stringify(readFileSync(join(dirname(id), name), "utf8"));
      return code.replace(/\bread\("([\w.]+)"\)/g, (_, name) => text(name));
    },
  },
};

/** Escapes all characters but those of ASCII: a text with others takes twice the memory. */
const escapeCharacters = {
  name: "ascii",
  generateBundle(_, bundle) {
    const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
    for (const chunk of Object.values(bundle)) {
      // Without the flag u: each half of a pair is escaped by itself.
      if (chunk.type === "chunk") chunk.code = chunk.code.replace(/[^\0-\x7f]/g, escaped);
    }
  },
};

/** Writes the licences of all packages that the program contains parts of. */
const writeLicences = {
  name: "licences",
  writeBundle({ dir }, bundle) {
    const ids = Object.values(bundle).flatMap((chunk) => Object.keys(chunk.modules ?? {}));
    const folders = ids.map((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0]);
    const texts = [...new Set(folders.filter(Boolean))].sort().map((folder) => {
      const { name, version, license } = JSON.parse(
        readFileSync(join(folder, "package.json"), "utf8"),
      );
      const file = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
      const text = file ? readFileSync(join(folder, file), "utf8").trim() : "";
      return `${name} ${version} (${license})\n\n${text}\n`;
    });
    const separator = `\n${"-".repeat(80)}\n\n`;
    writeFileSync(join(dir, "../licenses.txt"), texts.join(separator));
  },
};

/** package.json of the project says that its files are modules; these are not. */
const markAsCommonJs = {
  name: "package-type",
  writeBundle({ dir }) {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, "package.json"), '{ "type": "commonjs" }\n');
  },
};

export default defineConfig({
  input: { main: "cli/launch.ts" },
  platform: "node",
  transform: { define: { "import.meta.main": "false" } },
  plugins: [readProtocol, readBrowserFiles, escapeCharacters, writeLicences, markAsCommonJs],
  output: {
    dir: "dist/cli",
    // As modules, node:http would load all of the HTTP client of Node.js for an export that nothing here imports.
    format: "cjs",
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    // Code stays readable in stack traces; its comments are in the sources.
    comments: false,
  },
});
