#!/usr/bin/env bash
# Starts PostgreSQL on data that exist, as the entrypoint of the image does.
set -euo pipefail
exec gosu postgres "$@"
