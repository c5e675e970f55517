"""What several explorers are put together from: sliders, brushes, sources of sound, curves, pictures."""
