"""What we learn from: assets made by others, and notes. `python -m helpers.datasets` fetches and builds it all."""
