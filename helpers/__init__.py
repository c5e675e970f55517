"""Deep learning you can hear: the package behind the notebooks.

Rooms: datasets (what we learn from), models (what learns), concepts (the mathematics of a topic), exercises (what an
answer is compared with), explorers (its interactive face), views (what the browser draws); audio, train, check, device
and doctor stand beside them.
"""

import os

# torch's threads spin while they wait for each other; on a machine that does anything else that makes training many
# times slower. Both are read when torch is first imported.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
os.environ.setdefault("KMP_BLOCKTIME", "1")
