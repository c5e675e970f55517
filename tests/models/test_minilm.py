"""MiniLM by our own few lines against torch's encoder layers on the same weights, and its tokens against known ones."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers.datasets.assets import path_of
from helpers.models import minilm, safetensors

FBI = "The FBI is chasing a criminal on the run ."
FILES = path_of("minilm.safetensors"), path_of("minilm-tokenizer.json")
pytestmark = pytest.mark.skipif(not all(f.exists() for f in FILES), reason="MiniLM is not fetched; `make data` fetches it")


@pytest.fixture(scope="module")
def model():
    return minilm.MiniLM(*FILES)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        (FBI, "the fbi is chasing a criminal on the run ."),
        ("Sight-reading: naïve, isn't it?", "sight - reading : naive , isn ' t it ?"),
        ("glissandi </script>", "g ##lis ##san ##di < / script >"),
        ("a [MASK] tune 🎵", "a [MASK] tune [UNK]"),
        ("", ""),
    ],
)
def test_tokens(model, text, tokens):
    assert model.pieces(text) == ["[CLS]", *tokens.split(), "[SEP]"]


def test_tokens_of_the_library(model):
    library = pytest.importorskip("tokenizers", reason="not a dependency; where it is installed, both must agree")
    oracle = library.Tokenizer.from_file(str(FILES[1]))
    oracle.no_padding()
    oracle.no_truncation()
    for text in (FBI, "Ünïcödé café!", "12,345.67 $5 a^b~c `x`", "日本語 text", "a\tb\nc\u200bd\x00e", "İstanbul ﬁ ß", "x" * 101):
        assert model.pieces(text) == oracle.encode(text).tokens


def layers_of_torch(weights):
    """torch's own encoder layers and attention, with MiniLM's weights in their places."""
    for number in range(6):
        at = f"encoder.layer.{number}."
        layer = nn.TransformerEncoderLayer(384, 12, 1536, 0.0, F.gelu, 1e-12, batch_first=True)
        parts = {"self_attn.out_proj": "attention.output.dense", "linear1": "intermediate.dense", "linear2": "output.dense",
                 "norm1": "attention.output.LayerNorm", "norm2": "output.LayerNorm"}  # fmt: skip
        state = {f"{ours}.{kind}": weights[f"{at}{theirs}.{kind}"] for ours, theirs in parts.items() for kind in ("weight", "bias")}
        for kind in ("weight", "bias"):
            inner = [weights[f"{at}attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
            state[f"self_attn.in_proj_{kind}"] = torch.cat(inner)
        layer.load_state_dict(state)
        yield layer.double()


def test_equals_torchs_encoder_layers(model):
    weights = {name: tensor.double() for name, tensor in safetensors.read(FILES[0]).items()}
    reading = model(FBI)
    ids = torch.tensor([model.pieces.ids[token] for token in reading.tokens])
    x = weights["embeddings.word_embeddings.weight"][ids] + weights["embeddings.position_embeddings.weight"][: len(ids)]
    x = x + weights["embeddings.token_type_embeddings.weight"][0]
    x = F.layer_norm(x, (384,), weights["embeddings.LayerNorm.weight"], weights["embeddings.LayerNorm.bias"], 1e-12)[None]
    for number, layer in enumerate(layers_of_torch(weights)):
        looked = layer.self_attn(x, x, x, average_attn_weights=False)[1][0]
        torch.testing.assert_close(reading.weights[number].double(), looked, rtol=0, atol=1e-5)
        x = layer(x)
    torch.testing.assert_close(reading.embedding.double(), F.normalize(x[0].mean(0), dim=0), rtol=0, atol=1e-5)


def test_queries_and_keys_make_the_weights(model):
    reading = model(FBI)
    again = (reading.queries @ reading.keys.mT / 32**0.5).softmax(-1)
    torch.testing.assert_close(reading.weights, again)
    assert (reading.weights.sum(-1) - 1).abs().max() < 1e-5


def test_what_the_trained_network_knows(model):
    violin, tuned, stocks = (
        model(text).embedding
        for text in (
            "The violinist tuned her instrument because it was out of tune.",
            "A musician adjusted the violin.",
            "The stock market fell sharply today.",
        )
    )
    assert float(violin @ tuned) == pytest.approx(0.67, abs=0.01)
    assert float(violin @ stocks) == pytest.approx(0.03, abs=0.01)
    reading = model("The violinist tuned her instrument because it was out of tune.")
    it, instrument = reading.tokens.index("it"), reading.tokens.index("instrument")
    assert float(reading.weights[3, 1, it, instrument]) == pytest.approx(0.72, abs=0.01)


def test_a_long_text_and_a_wrong_file(model, tmp_path):
    assert len(model("la " * 510).tokens) == 512
    with pytest.raises(ValueError, match="513 tokens; MiniLM has learned 512 positions"):
        model("la " * 511)
    safetensors.write(tmp_path / "other.safetensors", {"a": torch.zeros(2)})
    with pytest.raises(ValueError, match=r"other\.safetensors: word embeddings of shape \(0,\)"):
        minilm.MiniLM(tmp_path / "other.safetensors", FILES[1])
