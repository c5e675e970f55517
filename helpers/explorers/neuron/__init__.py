"""One neuron and small networks on sounds: the state and what follows from it, the picture, the words, the sounds."""

from helpers.explorers.neuron.neuron import Neuron

__all__ = ["Neuron"]
