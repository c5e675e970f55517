"""The gestures that are timed: which explorer, what of it is moved, from where to where."""

DRAGS = [  # explorer, plane, the layer whose first dot is dragged, from where to where
    ("Descent()", "surface", "start", ((-1.8, -1.8), (1.8, 1.8))),
    ("Minimiser()", "singers", "singer", ((-3.0, 3.0), (13.0, 3.0))),
    ("Softmax()", "logits", "logit", ((0.0, -7.0), (0.0, 7.0))),
    ("Binary()", "by z", "logit", ((-5.5, 1.0), (5.5, 1.0))),
    ("Tuning()", "smoothed", "start", ((0.1, 0.1), (0.9, 0.9))),
    ("Neuron()", "features", "handles", ((-0.9, -0.9), (0.9, 0.9))),
    ("Spiking()", "membrane", "current", ((290.0, 1.1), (290.0, 3.8))),
    ("Shaper()", "curve", "handles", ((-6.0, 0.0), (-0.5, 0.0))),
    ("Gates(readers, tunes)", "curves", "ends", ((1.0, 0.1), (14.0, 0.9))),
    ("Positions()", "scores", "the other token", ((1.0, 0.5), (23.0, 0.9))),
    ("Mixture()", "learned", "centres", ((-1.1, -1.1), (1.1, 1.1))),
    ("Latent()", "map", "z", ((-2.5, -2.5), (2.5, 2.5))),
    ("Noising()", "left", "handles", ((30.0, 0.1), (30.0, 0.98))),
    ("Diffusion(strength=0.4)", "walk", "note", ((-1.5, -1.5), (1.5, 1.5))),
]
SLIDERS = [  # explorer, the slider's words; a key moves it back and forth by one
    ("Convolution()", "padding"),
    ("Convolution(source='note')", "padding"),
    ("Pattern(kernel='rising')", "threshold"),
    ("Recurrence(cell='LSTM', compare=True)", "radius ρ"),
    ("Alignment(translators, readers_calls)", "call"),
    ("Positions()", "base"),
    ("Looks(patches, notes)", "note"),
    ("Sampling()", "temp. T"),
    ("MusicAttention(note=25)", "layer"),
    ("Attention()", "temp. T"),
    ("Flavours()", "noise ±"),
    ("Latent()", "drawn, σ ="),
]
SCRUBS = [  # explorer, plane, the positions between which its cursor goes, a height at which nothing else is
    ("Descent()", "loss", (3, 98), -1.0),
    ("Recurrence()", "norms", (0, 48), None),
    ("Cost()", "memory", (0, 6), None),
    ("Diffusion()", "levels", (1, 24), None),
]
POINTED = [  # explorer, plane, layer whose words or notes one points at
    ("Attention()", "words", "words"),
    ("MusicAttention()", "roll", "notes"),
]
