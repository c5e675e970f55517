"""`python -m benchmarks` runs every bench_*.py beside this file; `python -m benchmarks train` only bench_train.py."""

import importlib
import sys
from pathlib import Path

here = Path(__file__).parent
found = {path.stem.removeprefix("bench_"): path.stem for path in sorted(here.glob("bench_*.py"))}
wanted = sys.argv[1:] or list(found)
unknown = [name for name in wanted if name not in found]
if unknown:
    sys.exit(f"no benchmark {unknown[0]!r}; there are {', '.join(found)}")
for name in wanted:
    print(f"== {name}", flush=True)
    importlib.import_module(f"benchmarks.{found[name]}").main()
