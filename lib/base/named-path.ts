/** Whether an operator means the file at a path: by the path, or by the end of it, such as its name or `haproxy/haproxy.cfg`. */
export function isNamed(path: string, asked: string): boolean {
  return path === asked || path.endsWith(`/${asked}`);
}
