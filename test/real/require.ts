/**
 * Makes sure that the servers which the tests start are installed: on a Debian machine, as root, it
 * installs Debian's packages; elsewhere it says what is missing, and fails.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { libfaketime } from "../faults/own-clock.ts";

/** The program that shows that a package is there. */
const needed: Readonly<Record<string, string>> = {
  curl: "curl",
  "docker-compose": "docker-compose",
  dockerd: "docker.io",
  etcd: "etcd-server",
  etcdctl: "etcd-client",
  haproxy: "haproxy",
  ip: "iproute2",
  iptables: "iptables",
  java: "default-jre-headless",
  nginx: "nginx-light",
  openssl: "openssl",
  "systemd-notify": "systemd",
};

/** The file that shows it, where a package has no program that the tests start. */
const neededFiles: Readonly<Record<string, string>> = {
  // Linked statically, or it would not run alone in a container.
  "/usr/share/doc/busybox-static": "busybox-static",
  "/usr/lib/nginx/modules/ngx_stream_module.so": "libnginx-mod-stream",
  "/usr/share/java/zookeeper.jar": "zookeeper",
  [libfaketime]: "libfaketime",
};

function missing(): readonly string[] {
  const lacks = (names: typeof needed, isThere: (name: string) => boolean) =>
    Object.entries(names).flatMap(([name, debian]) => (isThere(name) ? [] : [debian]));
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
  // A server that is installed must not be started: the tests start their own.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  spawnSync("apt-get", args, { stdio: "inherit", env });
}

if (missing().length > 0 && existsSync("/etc/debian_version") && process.getuid?.() === 0) {
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
