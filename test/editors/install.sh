#!/usr/bin/env bash
# Prints the command of a Neovim that is new enough for the plugin, putting one into a cache folder first if need be.
#
# In this order: $CURSORCORE_NVIM; `nvim` on $PATH; the one unpacked in $CURSORCORE_EDITORS_DIR, by default
# ~/.cache/cursorcore-lsp/sid. Where that folder has none, Debian's packages of Neovim and the libraries it needs are
# unpacked there; see debian.sh.
set -euo pipefail

directory=${CURSORCORE_EDITORS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/cursorcore-lsp/sid}

. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

new_enough() {
  "$1" --clean --headless '+lua io.stdout:write(vim.fn.has("nvim-0.12"))' +qall 2>/dev/null | grep -qx 1
}

# A script that runs the Neovim unpacked in a folder.
write_launcher() {
  local root=$1 launcher=$2 loader libraries
  loader=$(loader_in "$root")
  libraries=$(dirname "$(find "$root/usr/lib" -maxdepth 2 -name 'libluajit-5.1.so.2' | head -n 1)")
  [ -n "$loader" ] && [ -x "$root/usr/bin/nvim" ] || return 1
  cat > "$launcher" <<LAUNCHER
#!/bin/sh
export VIMRUNTIME='$root/usr/share/nvim/runtime'
exec '$loader' --library-path '$libraries' '$root/usr/bin/nvim' --cmd 'set rtp+=$root/usr/lib/nvim' "\$@"
LAUNCHER
  chmod +x "$launcher"
}

for candidate in "${CURSORCORE_NVIM:-}" nvim; do
  if [ -n "$candidate" ] && command -v "$candidate" >/dev/null && new_enough "$candidate"; then
    command -v "$candidate"
    exit
  fi
done
if [ -n "${CURSORCORE_NVIM:-}" ]; then
  echo "CURSORCORE_NVIM=$CURSORCORE_NVIM is not a Neovim of 0.12 or newer" >&2
  exit 1
fi

launchers=${XDG_CACHE_HOME:-$HOME/.cache}/cursorcore-lsp
mkdir -p "$launchers"
launcher=$launchers/nvim-$(printf %s "$directory" | cksum | cut -d ' ' -f 1)
if ! { write_launcher "$directory" "$launcher" && new_enough "$launcher"; } 2>/dev/null; then
  if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    echo 'Neovim 0.12 or newer is needed; this machine has no apt-get to fetch it with. Set CURSORCORE_NVIM.' >&2
    exit 1
  fi
  echo "Unpacking Neovim into $directory" >&2
  mkdir -p "$(dirname "$directory")"
  building=$(mktemp -d "$directory.XXXXXX")
  trap 'rm -rf "$building"' EXIT
  unpack "$building" neovim
  rm -rf "$directory"
  # Complete or absent: a build that was cut off is never taken for one.
  mv -T "$building" "$directory"
  write_launcher "$directory" "$launcher"
  new_enough "$launcher" || { echo "The Neovim unpacked in $directory does not run or is too old" >&2; exit 1; }
fi
echo "$launcher"
