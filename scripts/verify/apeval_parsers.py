"""What the authors' own code takes from answers: reads JSON lines {format, current, answer}, prints one JSON string each.

    python scripts/verify/apeval_parsers.py CURSORCORE_CLONE < ANSWERS.jsonl

Called by apevalParsers.ts; needs Levenshtein, rapidfuzz and tqdm, as their eval/utils.py does.
"""
import contextlib
import io
import json
import sys

sys.path.insert(0, sys.argv[1])
from eval import utils

TAKE = {
    "wholeFile": utils.postprocess_output_wf,
    "locationAndChange": utils.postprocess_output_lc,
    "searchAndReplace": utils.postprocess_output_sr,
    "fewShotBase": utils.postprocess_output_base,
    "fewShotInstruct": utils.postprocess_output_instruct,
}
for line in sys.stdin:
    one = json.loads(line)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = TAKE[one["format"]](one["current"], one["answer"])
    print(json.dumps(code))
