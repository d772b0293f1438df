#!/usr/bin/env bash
# Compile requirements.lock, with hashes, for every system and Python that Practio runs on; then the part of it that each
# image installs, and the tools that build the wheels. Versions stay as they are; --upgrade takes newer ones.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
own=(contracts chassis rooms membership notifications pages gateway operator)

uv=$(command -v uv || echo .venv/bin/uv)
[[ -x $uv ]] || { echo "lock: installing uv into .venv"; .venv/bin/python -m pip install --quiet uv; }

compile() { # OUTPUT ARGUMENT...
  local output=$1; shift
  echo "lock: $output"
  "$uv" pip compile "$@" --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet \
    "${own[@]/#/--no-emit-package=practio-}" --output-file "$output"
}

share() { # FOLDER REQUIREMENT...: what one image installs, at the versions of requirements.lock
  local folder=$1; shift
  printf '%s\n' "$@" | compile "$folder/requirements.lock" - --constraint requirements.lock
}

compile requirements.lock pyproject.toml --group dev "$@"
for service in rooms membership notifications; do
  share "services/$service" ./contracts ./services/chassis "./services/$service"
done
share services/pages './contracts[client,links,mail]' './services/chassis[calendars,clients,i18n]' ./services/pages
share services/gateway './contracts[client]' './services/chassis[clients]' ./services/gateway
share deploy/operator './contracts[client]' ./services/{chassis,rooms,membership,notifications} ./deploy/operator
printf 'hatchling\n' | compile deploy/build.lock - --constraint requirements.lock
