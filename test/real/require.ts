/**
 * Installs the servers that the tests start, as Debian packages, if it runs as root on Debian. Elsewhere it lists the
 * missing packages and fails.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { libfaketime } from "../faults/own-clock.ts";

/** By the program that shows that the package is installed. */
const needed: Readonly<Record<string, string>> = {
  chromium: "chromium",
  "cloud-init": "cloud-init",
  curl: "curl",
  dnsmasq: "dnsmasq-base",
  "docker-compose": "docker-compose",
  dockerd: "docker.io",
  etcd: "etcd-server",
  etcdctl: "etcd-client",
  haproxy: "haproxy",
  ip: "iproute2",
  iptables: "iptables",
  java: "default-jre-headless",
  kubectl: "kubernetes-client",
  nginx: "nginx-light",
  openssl: "openssl",
  prometheus: "prometheus",
  python3: "python3",
  strip: "binutils",
  "systemd-notify": "systemd",
  tini: "tini",
  tinyproxy: "tinyproxy",
};

/** By the file that shows it, for packages without a program that the tests start. */
const neededFiles: Readonly<Record<string, string>> = {
  // Linked statically: it runs in containers without libraries.
  "/usr/share/doc/busybox-static": "busybox-static",
  "/usr/lib/python3/dist-packages/consul/base.py": "python3-consul",
  "/usr/lib/python3/dist-packages/botocore/session.py": "python3-botocore",
  "/usr/lib/nginx/modules/ngx_http_lua_module.so": "libnginx-mod-http-lua",
  "/usr/lib/nginx/modules/ngx_stream_module.so": "libnginx-mod-stream",
  "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf": "fonts-dejavu-core",
  "/usr/share/java/zookeeper.jar": "zookeeper",
  [libfaketime]: "libfaketime",
};

function missing(): readonly string[] {
  const lacks = (names: typeof needed, exists: (name: string) => boolean) =>
    Object.entries(names).flatMap(([name, debian]) => (exists(name) ? [] : [debian]));
  return [...lacks(needed, isInstalled), ...lacks(neededFiles, existsSync)];
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function apt(...args: string[]): void {
  // Keeps the packages from starting their servers: the tests start their own.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  spawnSync("apt-get", args, { stdio: "inherit", env });
}

/** The tests only ask cloud-init whether a file is valid: it must not set up this machine at its next boot. */
function disableCloudInit(): void {
  mkdirSync("/etc/cloud", { recursive: true });
  writeFileSync("/etc/cloud/cloud-init.disabled", "");
}

if (missing().length > 0 && existsSync("/etc/debian_version") && process.getuid?.() === 0) {
  if (missing().includes("cloud-init")) disableCloudInit();
  console.log(`installing ${missing().join(", ")}`);
  apt("update", "-qq");
  apt("install", "-y", "-qq", "--no-install-recommends", ...missing());
}
const lacking = missing();
if (lacking.length > 0) {
  console.error(
    `The tests start real servers, and these packages are missing: ${lacking.join(", ")}.\n` +
      `On Debian: sudo apt-get install ${lacking.join(" ")}\n` +
      "Tests that need no servers: npm run test:unit",
  );
  process.exit(1);
}
