/** The keys that the functions of the recorded calls read. */
export const keys: Readonly<Record<string, string>> = {
  "/app/name": "shop",
  "/app/port": "8080",
  "/app/empty": "",
  "/app/db/host": "10.0.0.7",
  "/app/db/ports/a": "5432",
  "/app/db/ports/b": "5433",
  "/app/ﬁ": "z",
  "/app/😀": "b",
  "/services/web/1": '{"host":"10.0.0.1","port":80}',
  "/services/web/2": '{"host":"10.0.0.2","port":81}',
  "/services/web-2/1": "10.0.0.3:80",
  "/services/web": "leaf and folder",
  "/top": "x",
  "/other": "a",
};

export const env: Readonly<Record<string, string>> = { GO_HOME: "/srv/go", GO_EMPTY: "" };
