"""What we learn from: assets made by others, notes and their harmonics, tunes, chorales, clouds, toys.

`python -m helpers.datasets` fetches and builds them.
"""
