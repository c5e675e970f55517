"""Deep learning you can hear: the package behind the notebooks.

Rooms: datasets (what we learn from), models (what learns), recipes (how the models that ship were trained), training (what
`train` is made of), concepts (the mathematics of a topic), exercises (what an answer is compared with), explorers (its
interactive face), views (what the browser draws); audio, train, check, device and doctor stand beside them, and for those
who give the lectures server, publish and slides.
"""

import os

# torch's threads spin while they wait for each other; on a machine that does anything else that makes training many
# times slower. Both are read when torch is first imported.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
os.environ.setdefault("KMP_BLOCKTIME", "1")
