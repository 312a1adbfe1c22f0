#!/usr/bin/env bash
# Holds the remote engine against a real llama-server: the same GGUF file there and, imported, in process; are the greedy
# answers and edits the same?
#
#     bash scripts/verify/llama_server.sh [GGUF [PRECISION [CASES]]]
#
# Without GGUF, Qwen2.5-Coder-0.5B-Instruct is fetched (fetch_models.py); llama.sh gets llama.cpp. PRECISION is `exact`
# (the default): the file is widened to 32-bit floats for both sides, so that only rounding is left to differ; or one of
# `model import`: the file as it is against its import. CASES is how many of the 20 cases are run. What is fetched and built is kept below the user's cache folder.
set -euo pipefail
cd "$(dirname "$0")/../.."
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cursorcore-lsp/verify
gguf=${1:-$cache/qwen2.5-coder-0.5b.gguf}
precision=${2:-exact}
cases=${3:-20}
mkdir -p "$cache"
[ -f "$gguf" ] || python3 scripts/verify/fetch_models.py "$cache" "$(basename "$gguf")"
[ -f dist/main.js ] || npm run --silent build

name=$(basename "$gguf" .gguf)
served=$(realpath "$gguf")
imported=$precision
if [ "$precision" = exact ]; then
  served=$cache/$name-f32.gguf
  imported=fp32
  [ -f "$served" ] || (bash scripts/verify/llama.sh llama-quantize --allow-requantize "$(realpath "$gguf")" "$served" F32) > "$cache/quantize.log" 2>&1
fi
export CURSORCORE_CACHE=$cache
model=$(tr '[:upper:].' '[:lower:]-' <<< "$name")-$imported
[ -d "$cache/models/$model" ] || node dist/main.js model import "$gguf" --precision "$imported" --name "$model"

port=${PORT:-18431}
bash scripts/verify/llama.sh llama-server --model "$served" --host 127.0.0.1 --port "$port" --ctx-size 4096 --parallel 1 --threads "${THREADS:-2}" > "$cache/llama-server-$port.log" 2>&1 &
server=$!
trap 'kill "$server" 2> /dev/null || true' EXIT
for _ in $(seq 300); do
  kill -0 "$server" 2> /dev/null || { tail -n 5 "$cache/llama-server-$port.log" >&2; exit 1; }
  node -e "fetch('http://127.0.0.1:$port/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))" && break
  sleep 1
done
npx tsx scripts/verify/servedAnswers.ts "$cache/models/$model" "http://127.0.0.1:$port" "$cases"
