import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { throwAwayFolder } from "../../support/process.ts";

/** Creates a self-signed certificate for the name `shop.example` and the address 127.0.0.1. */
export async function certificate(t: Pick<TestContext, "after">) {
  const folder = await throwAwayFolder(t);
  const [certPath, keyPath] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const names = "subjectAltName=DNS:shop.example,IP:127.0.0.1";
  const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
  const files = [
    "-keyout",
    keyPath,
    "-out",
    certPath,
    "-subj",
    "/CN=shop.example",
    "-addext",
    names,
  ];
  await promisify(execFile)("openssl", [...request.split(" "), ...files]);
  const [cert, key] = [await readFile(certPath), await readFile(keyPath)];
  return { cert, key, certPath, keyPath, folder };
}
