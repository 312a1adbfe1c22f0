#!/usr/bin/env bash
# Runs a program of llama.cpp in the place of this one:
#
#     bash scripts/verify/llama.sh llama-server --help
#
# It comes from Debian's packages, which are unpacked below the user's cache folder and not installed, unless LLAMA_SERVER
# names another llama-server, beside which the others are. Paths among the arguments have to be absolute.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=$1
shift
if [ -n "${LLAMA_SERVER:-}" ]; then exec "$(dirname "$LLAMA_SERVER")/$program" "$@"; fi
source test/editors/debian.sh
folder=${XDG_CACHE_HOME:-$HOME/.cache}/cursorcore-lsp/verify/llama.cpp
mkdir -p "$(dirname "$folder")"
[ -x "$folder/usr/bin/llama-server" ] || unpack "$folder" llama.cpp
loader=$(loader_in "$folder")
libraries=$(dirname "$loader")
# It looks for the code for this processor where it is started.
cd "$libraries/ggml/backends0"
exec "$loader" --library-path "$libraries:$libraries/llama" "$folder/usr/bin/$program" "$@"
