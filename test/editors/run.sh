#!/usr/bin/env bash
# Drives real editors against the built server. Installs what it needs by itself; see install.sh.
# Arguments go to vitest, such as the name of one test file.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

[ -d node_modules ] || npm ci
npm run --silent build
CURSORCORE_NVIM=$(bash test/editors/install.sh neovim)
CURSORCORE_HX=$(bash test/editors/install.sh helix)
CURSORCORE_RUFF=$(bash test/editors/install.sh ruff)
CURSORCORE_EMACS_DIR=$(bash test/editors/installEmacs.sh)
# Compiling it takes minutes: where it has not been done before, only when asked for.
zed_cache=${CURSORCORE_ZED_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/cursorcore-lsp/zed}
if [ -n "${CURSORCORE_TEST_ZED:-}" ] || [ -e "$zed_cache/out/cursorcore_zed.js" ]; then
  CURSORCORE_ZED_DIR=$(bash test/editors/installZed.sh)
else
  CURSORCORE_ZED_DIR=
  echo "The tests of Zed's extension are skipped: CURSORCORE_TEST_ZED=1 compiles it." >&2
fi
export CURSORCORE_NVIM CURSORCORE_HX CURSORCORE_RUFF CURSORCORE_EMACS_DIR CURSORCORE_ZED_DIR
for editor in "$CURSORCORE_NVIM" "$CURSORCORE_HX" "$CURSORCORE_RUFF" "$CURSORCORE_EMACS_DIR/bin/emacs"; do
  echo "$editor ($("$editor" --version | head -n 1))"
done

report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
npx vitest run --config test/editors/vitest.config.ts --reporter=verbose --reporter=json --outputFile.json="$report" "$@" || status=$?
node -e '
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
  console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
' "$report"
exit "$status"
