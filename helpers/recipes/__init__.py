"""How this project's own checkpoints were trained: `make checkpoints`, or `python -m helpers.recipes tunes-rnn` for one.

A room of recipes is a module with `RECIPES`, by name, and `train(name, log)`, which returns the model and what was measured on
what it had not seen, with its symbols; log is a file by which a run that was interrupted goes on. `helpers.models.checkpoints`
writes and reads the files.
"""
