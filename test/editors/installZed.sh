#!/usr/bin/env bash
# Compiles the extension for Zed to WebAssembly, as Zed does, with every warning an error, runs its unit tests, and prints a folder where it can
# be loaded as a module (`out/cursorcore_zed.js`). Without Rust it prints nothing and says why: the tests that need it are skipped then.
#
# The folder is $CURSORCORE_ZED_DIR, by default ~/.cache/cursorcore-lsp/zed.
set -euo pipefail

source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../clients/zed" && pwd)
directory=${CURSORCORE_ZED_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/cursorcore-lsp/zed}
target=wasm32-wasip2

missing() { echo "The tests of Zed's extension are skipped: $1" >&2; exit 0; }
command -v cargo >/dev/null || missing 'there is no cargo.'
if [ ! -d "$(rustc --print target-libdir --target $target 2>/dev/null)" ]; then
  rustup target add $target >/dev/null 2>&1 || missing "Rust has no target $target here, and rustup could not add it."
fi

mkdir -p "$directory"
export CARGO_TARGET_DIR="$directory/target" CARGO_TERM_COLOR=never
log="$directory/cargo.log"
(cd "$source" && cargo fetch --locked) > "$log" 2>&1 || missing 'the crates that it needs are not to be had here.'
(
  cd "$source"
  if cargo clippy --version >/dev/null 2>&1; then cargo clippy --locked --target $target -- -D warnings; fi
  cargo test --locked
  cargo build --locked --target $target
) > "$log" 2>&1 || { cat "$log" >&2; exit 1; }

# What makes a module that Node can load of a component; kept with the cache, no dependency of the project's.
[ -d "$directory/node_modules/@bytecodealliance/jco" ] ||
  npm install --silent --no-audit --no-fund --prefix "$directory" @bytecodealliance/jco@1 @bytecodealliance/preview2-shim@0.17 >&2 ||
  missing 'the npm packages that load it are not to be had here.'
component="$CARGO_TARGET_DIR/$target/debug/cursorcore_zed.wasm"
if [ ! -e "$directory/out/cursorcore_zed.js" ] || [ "$component" -nt "$directory/out/cursorcore_zed.js" ]; then
  "$directory/node_modules/.bin/jco" transpile --quiet --instantiation async -o "$directory/out" "$component" >&2
fi
echo "$directory"
