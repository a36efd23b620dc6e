#!/usr/bin/env bash
# Sets up .venv once: `scripts/setup.sh run` or `scripts/setup.sh test`. Called by scripts/brain and scripts/test.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
kind=${1:-run}
lock="$root/scripts/requirements/$kind.txt"
venv="$root/.venv"
say() { echo "set-up: $*" >&2; }

find_python() {
  local name
  for name in ${BRAIN_PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  say "no Python 3.11 or newer found; mend it with: apt-get install python3 (Debian 12, Ubuntu 24.04 or newer)"
  exit 1
}

make_venv() { # a venv with pip, by whatever way this machine has
  local python=$1
  if "$python" -m venv "$venv" 2>/dev/null; then return; fi
  rm -rf "$venv"
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "this Python has no ensurepip: installing python3-venv"
    apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null || true
    if "$python" -m venv "$venv" 2>/dev/null; then return; fi
    rm -rf "$venv"
  fi
  if "$python" -m pip --version >/dev/null 2>&1 && "$python" -m venv --without-pip "$venv"; then return; fi
  rm -rf "$venv"
  say "this Python can make no environment; mend it with: sudo apt-get install python3-venv"
  exit 1
}

install_with_pip() {
  local python=$1
  if [ -x "$venv/bin/pip" ]; then
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
  else
    "$python" -m pip --python "$venv/bin/python" install --quiet --disable-pip-version-check --require-hashes -r "$lock"
  fi
}

if ! [ -w "$root" ]; then
  say "$root is not writable for this user; mend it with: sudo chown -R $(id -un) '$root' (or use the wheel)"
  exit 1
fi
exec 9>"$root/.venv.lock"
command -v flock >/dev/null && flock 9
if [ -e "$venv/.ready-$kind" ] && [ ! "$lock" -nt "$venv/.ready-$kind" ]; then exit 0; fi

say "first start: installing the parts named in scripts/requirements/$kind.txt (about 600 MB, once)"
python=$(find_python)
# What an interrupted set-up left behind is begun anew.
if [ -e "$venv" ] && ! [ -e "$venv/.ready-run" ]; then rm -rf "$venv"; fi
if [ -e "$venv" ] && ! "$venv/bin/python" -c '' 2>/dev/null; then rm -rf "$venv"; fi
if command -v uv >/dev/null && uv --version >/dev/null 2>&1; then
  [ -e "$venv" ] || uv venv --quiet --python "$python" "$venv"
  uv pip install --quiet --compile-bytecode --python "$venv/bin/python" --require-hashes -r "$lock"
else
  [ -e "$venv" ] || make_venv "$python"
  install_with_pip "$python"
fi
site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "$root" >"$site/city_brain.pth"
"$venv/bin/python" -m compileall -q "$root/brain" || true
touch "$venv/.ready-$kind"
[ "$kind" = run ] || touch "$venv/.ready-run"
say "ready"
