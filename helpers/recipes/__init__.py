"""How this project's own checkpoints were trained: `make checkpoints`, or `python -m helpers.recipes tunes-rnn` for one.

A recipe is a module with a name, `SETTINGS` and `train(settings)`, which returns the model and what was measured on what it
had not seen. `helpers.models.checkpoints` writes and reads the files.
"""
