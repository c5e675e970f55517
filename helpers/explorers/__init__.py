"""The interactive face of each concept: drag, hear, predict."""

from helpers.explorers.activations import Activations
from helpers.explorers.alignment import Alignment
from helpers.explorers.attention import Attention
from helpers.explorers.audit import Audit
from helpers.explorers.batches import Batches
from helpers.explorers.binary import Binary
from helpers.explorers.bottleneck import Bottleneck
from helpers.explorers.clipping import Clipping
from helpers.explorers.codec import Codec
from helpers.explorers.comparison import Comparison
from helpers.explorers.confusion import Confusion
from helpers.explorers.convolution import Convolution
from helpers.explorers.cost import Cost
from helpers.explorers.denoising import Denoising
from helpers.explorers.descent import Descent
from helpers.explorers.diffusion import Diffusion
from helpers.explorers.duel import Duel
from helpers.explorers.elbo import Elbo
from helpers.explorers.flavours import Flavours
from helpers.explorers.folds import Folds
from helpers.explorers.gates import Gates
from helpers.explorers.inversion import Inversion
from helpers.explorers.kernels import Kernels
from helpers.explorers.landscape import Landscape
from helpers.explorers.latent import Latent
from helpers.explorers.listening import Listening
from helpers.explorers.looks import Looks
from helpers.explorers.minimiser import Minimiser
from helpers.explorers.mixture import Mixture
from helpers.explorers.music_attention import Distances, MusicAttention
from helpers.explorers.neuron import Neuron
from helpers.explorers.noising import Noising
from helpers.explorers.pattern import Pattern
from helpers.explorers.pieces import Pieces
from helpers.explorers.positions import Positions
from helpers.explorers.question import Question
from helpers.explorers.recurrence import Recurrence
from helpers.explorers.sampling import Continuations, Sampling
from helpers.explorers.search import Search
from helpers.explorers.shaper import Shaper
from helpers.explorers.skips import Skips
from helpers.explorers.slope import Slope
from helpers.explorers.softmax import Softmax
from helpers.explorers.spectrogram import Spectrogram
from helpers.explorers.spiking import Spiking
from helpers.explorers.training import Training
from helpers.explorers.tuning import Tuning

__all__ = [
    "Activations",
    "Alignment",
    "Attention",
    "Audit",
    "Batches",
    "Binary",
    "Bottleneck",
    "Clipping",
    "Codec",
    "Comparison",
    "Confusion",
    "Continuations",
    "Convolution",
    "Cost",
    "Denoising",
    "Descent",
    "Diffusion",
    "Distances",
    "Duel",
    "Elbo",
    "Flavours",
    "Folds",
    "Gates",
    "Inversion",
    "Kernels",
    "Landscape",
    "Latent",
    "Listening",
    "Looks",
    "Minimiser",
    "Mixture",
    "MusicAttention",
    "Neuron",
    "Noising",
    "Pattern",
    "Pieces",
    "Positions",
    "Question",
    "Recurrence",
    "Sampling",
    "Search",
    "Shaper",
    "Skips",
    "Slope",
    "Softmax",
    "Spectrogram",
    "Spiking",
    "Training",
    "Tuning",
]
