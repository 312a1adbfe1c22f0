#!/usr/bin/env bash
# Prints the command of an editor that is new enough for its tests, putting one into a cache folder first if need be.
# Argument: neovim (the default), helix, or ruff, a language server that an editor runs beside ours.
#
# In this order: what $CURSORCORE_NVIM, $CURSORCORE_HX or $CURSORCORE_RUFF names; the command on $PATH; the one unpacked in
# $CURSORCORE_EDITORS_DIR, by default ~/.cache/cursorcore-lsp/sid (sid-helix and sid-ruff beside it). Where there is none,
# Debian's package and the libraries it needs are unpacked there; see debian.sh.
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/cursorcore-lsp
directory=${CURSORCORE_EDITORS_DIR:-$cache/sid}

# For each editor: its name, the variable that names one, commands to look for, Debian's package, the program in it,
# whether a command is new enough, and what the launcher sets and passes (`$root` is the folder).
editor=${1:-neovim}
case $editor in
  neovim)
    name='Neovim 0.12 or newer' variable=CURSORCORE_NVIM commands=nvim package=neovim program=usr/bin/nvim
    new_enough() {
      "$1" --clean --headless '+lua io.stdout:write(vim.fn.has("nvim-0.12"))' +qall 2>/dev/null | grep -qx 1
    }
    environment() { echo "export VIMRUNTIME='$1/usr/share/nvim/runtime'"; }
    arguments() { echo "--cmd 'set rtp+=$1/usr/lib/nvim'"; }
    ;;
  helix)
    name='Helix 25.07 or newer' variable=CURSORCORE_HX commands='hx helix' package=hx program=usr/lib/hx/hx
    directory+=-helix
    new_enough() {
      "$1" --version 2>/dev/null | awk '/^helix / { split($2, v, "."); found = v[1] * 100 + v[2] >= 2507 } END { exit !found }'
    }
    environment() { echo "export HELIX_RUNTIME='$1/usr/lib/hx/runtime'"; }
    arguments() { :; }
    ;;
  ruff)
    name='ruff 0.5 or newer' variable=CURSORCORE_RUFF commands=ruff package=ruff program=usr/bin/ruff
    directory+=-ruff
    new_enough() { "$1" server --help >/dev/null 2>&1; }
    environment() { :; }
    arguments() { :; }
    ;;
  *)
    echo "install.sh: no editor '$editor'; there are neovim, helix and ruff" >&2
    exit 2
    ;;
esac

. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

# A script that runs the program unpacked in a folder.
write_launcher() {
  local root=$1 launcher=$2 loader libraries
  loader=$(loader_in "$root")
  libraries=$(dirname "$(find "$root/usr/lib" -maxdepth 2 -name 'libc.so.6' | head -n 1)")
  [ -n "$loader" ] && [ -x "$root/$program" ] || return 1
  cat > "$launcher" <<LAUNCHER
#!/bin/sh
$(environment "$root")
exec '$loader' --library-path '$libraries' '$root/$program' $(arguments "$root") "\$@"
LAUNCHER
  chmod +x "$launcher"
}

for candidate in "${!variable:-}" $commands; do
  if [ -n "$candidate" ] && command -v "$candidate" >/dev/null && new_enough "$candidate"; then
    command -v "$candidate"
    exit
  fi
done
if [ -n "${!variable:-}" ]; then
  echo "$variable=${!variable} is not $name" >&2
  exit 1
fi

mkdir -p "$cache"
launcher=$cache/${commands%% *}-$(printf %s "$directory" | cksum | cut -d ' ' -f 1)
if ! { write_launcher "$directory" "$launcher" && new_enough "$launcher"; } 2>/dev/null; then
  if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    echo "$name is needed; this machine has no apt-get to fetch it with. Set $variable." >&2
    exit 1
  fi
  echo "Unpacking ${name%% *} into $directory" >&2
  mkdir -p "$(dirname "$directory")"
  building=$(mktemp -d "$directory.XXXXXX")
  trap 'rm -rf "$building"' EXIT
  unpack "$building" "$package"
  rm -rf "$directory"
  # Complete or absent: a build that was cut off is never taken for one.
  mv -T "$building" "$directory"
  write_launcher "$directory" "$launcher"
  new_enough "$launcher" || { echo "What was unpacked in $directory does not run or is not $name" >&2; exit 1; }
fi
echo "$launcher"
