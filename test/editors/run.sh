#!/usr/bin/env bash
# Drives real editors against the built server. Installs what it needs by itself; see install.sh.
# Arguments go to vitest, such as the name of one test file.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

[ -d node_modules ] || npm ci
npm run --silent build
CURSORCORE_NVIM=$(bash test/editors/install.sh)
export CURSORCORE_NVIM
CURSORCORE_EMACS_DIR=$(bash test/editors/installEmacs.sh)
export CURSORCORE_EMACS_DIR
echo "Emacs: $("$CURSORCORE_EMACS_DIR/bin/emacs" --version | head -n 1), $CURSORCORE_EMACS_DIR"
echo "Neovim: $CURSORCORE_NVIM ($("$CURSORCORE_NVIM" --version | head -n 1))"

report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
npx vitest run --config test/editors/vitest.config.ts --reporter=verbose --reporter=json --outputFile.json="$report" "$@" || status=$?
node -e '
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
  console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
' "$report"
exit "$status"
