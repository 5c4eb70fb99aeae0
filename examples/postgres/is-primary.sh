#!/bin/sh
# Exit code 0 if the server at address $1, port $2, is the primary. PGUSER and PGPASSFILE are the login.
# The file run/primary has the port of the primary where another program stands for PostgreSQL.
if test -e run/primary; then
  test "$(cat run/primary)" = "$2"
else
  psql -qXc "" "host=$1 port=$2 dbname=postgres connect_timeout=2 target_session_attrs=primary"
fi
