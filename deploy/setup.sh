#!/usr/bin/env bash
# Create .venv with the machine's Python (3.11 to 3.13): every library at the version and hash of requirements.lock,
# then the eight distributions of this checkout, editable. PYTHON=/path/to/python3 overrides the choice.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
distributions=(contracts services/chassis services/rooms services/membership services/notifications services/pages services/gateway deploy/operator)

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }
fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; }
may_install() { [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; }

install() { # PACKAGE...
  say "apt-get install $*"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# A name on PATH may be a version manager's shim that fails: try each place.
find_python() {
  local name path
  [[ -z ${PYTHON:-} ]] || { fits "$PYTHON" && echo "$PYTHON"; return; }
  for name in python3.13 python3.12 python3.11 python3; do
    while read -r path; do
      if fits "$path"; then echo "$path"; return; fi
    done < <(type -aP "$name")
  done
  return 1
}

make_venv() {
  local python version
  python=$(find_python) || { may_install && install python3 && python=$(find_python); } ||
    fail "needs Python 3.11, 3.12 or 3.13; none was found on PATH (PYTHON=/path/to/python3 names one)"
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    may_install || fail "Python $version has no module venv; on Debian and Ubuntu: apt-get install python$version-venv"
    install "python$version-venv"
  fi
  say "making .venv with Python $version ($python)"
  "$python" -m venv --clear .venv
}

if ! { [[ -x .venv/bin/python ]] && fits .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; }; then
  make_venv
fi
say "installing the libraries of requirements.lock (about half a minute the first time)"
.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --requirement requirements.lock
say "installing the distributions of this checkout, editable"
.venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation \
  "${distributions[@]/#/--editable=./}"
say "ready: .venv/bin/practio --help"
