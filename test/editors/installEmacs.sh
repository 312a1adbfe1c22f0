#!/usr/bin/env bash
# Prints a folder with what the Emacs tests run, putting it into a cache folder first if need be: `bin/` with emacs,
# emacsclient, tmux (the terminal) and pylsp (the other language server), and `lisp/` with lsp-mode, package-lint and what they need.
#
# The folder is $CURSORCORE_EMACS_DIR, by default ~/.cache/cursorcore-lsp/sid-emacs; see debian.sh.
set -euo pipefail

directory=${CURSORCORE_EMACS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/cursorcore-lsp/sid-emacs}

. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

# A script in bin/ that runs a program with the libraries unpacked beside it: launcher NAME PROGRAM [LINE...] [-- ARGUMENT...]
launcher() {
  local name=$1 program=$2 lines=()
  shift 2
  while [ $# -gt 0 ] && [ "$1" != -- ]; do lines+=("$1"); shift; done
  [ $# -eq 0 ] || shift
  {
    echo '#!/bin/sh'
    echo 'root=$(dirname "$(dirname "$(readlink -f "$0")")")'
    [ ${#lines[@]} -eq 0 ] || printf '%s\n' "${lines[@]}"
    echo "exec \"\$root/$loader\" --library-path \"\$root/$libraries\" \"\$root/$program\" $* \"\$@\""
  } > "$root/bin/$name"
  chmod +x "$root/bin/$name"
}

write_launchers() {
  local root=$1 loader libraries lisp helpers dump
  loader=$(loader_in "$root"); loader=${loader#"$root"/}
  libraries=$(dirname "$(find "$root/usr/lib" -maxdepth 2 -name 'libtinfo.so.6' | head -n 1)"); libraries=${libraries#"$root"/}
  lisp=$(find "$root/usr/share/emacs" -maxdepth 2 -path '*/[0-9]*/lisp' | head -n 1); lisp=${lisp#"$root"/}
  dump=$(find "$root/usr/libexec/emacs" -name '*.pdmp' | head -n 1); dump=${dump#"$root"/}
  helpers=$(dirname "$dump")
  mkdir -p "$root/bin" "$root/lisp"
  # What a package's folder would be after its installation.
  cp -r "$root"/usr/share/emacs/site-lisp/elpa-src/*/. "$root/lisp/"
  # Debian's Emacs looks below /usr. Its libraries in native code lie there too; nothing is compiled to such while tests run.
  (cd "$root/$lisp" && find . -type d ! -name obsolete -printf '%P\n' | sed -e "s|^|$lisp/|" -e 's|/$||') > "$root/lisp-path"
  launcher emacs usr/bin/emacs-nox \
    'EMACSLOADPATH=$(sed "s|^|$root/|" "$root/lisp-path" | tr "\n" ":"); EMACSLOADPATH=${EMACSLOADPATH%:}' \
    "EMACSDATA=\$root/${lisp%/lisp}/etc; EMACSDOC=\$EMACSDATA; EMACSPATH=\$root/$helpers" \
    'export EMACSLOADPATH EMACSDATA EMACSDOC EMACSPATH' \
    -- "--dump-file=\"\$root/$dump\"" --eval "\"(setq native-comp-jit-compilation nil native-comp-enable-subr-trampolines nil)\""
  launcher emacsclient usr/bin/emacsclient.emacs
  launcher tmux usr/bin/tmux
  launcher pylsp "usr/bin/python3" 'export PYTHONHOME="$root/usr" PYTHONPATH="$root/usr/lib/python3/dist-packages"' -- -m pylsp
}

works() {
  [ -x "$directory/bin/emacsclient" ] &&
    [ "$("$directory/bin/emacs" -Q --batch --eval '(princ (>= emacs-major-version 30))' 2>/dev/null)" = t ] &&
    "$directory/bin/tmux" -V >/dev/null 2>&1
}

if ! works; then
  if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    echo "This machine has no apt-get to fetch Emacs with. Set CURSORCORE_EMACS_DIR." >&2
    exit 1
  fi
  echo "Unpacking Emacs into $directory" >&2
  mkdir -p "$(dirname "$directory")"
  building=$(mktemp -d "$directory.XXXXXX")
  trap 'rm -rf "$building"' EXIT
  unpack "$building" emacs-nox elpa-lsp-mode elpa-package-lint tmux python3-pylsp
  write_launchers "$building"
  rm -rf "$directory"
  # Complete or absent: a build that was cut off is never taken for one.
  mv -T "$building" "$directory"
  works || { echo "The Emacs unpacked in $directory does not run" >&2; exit 1; }
fi
echo "$directory"
