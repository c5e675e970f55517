"""Famous networks: counted parameters and operations against the published ones, layer by layer where these are known."""

import pytest
import torch
from torch import nn

from helpers.models.famous import DEPTHS, FAMOUS, lenet5

# Exact counts: LeCun et al. (1998) give LeNet-5's; the others are those of the released weights (torchvision, and for
# AlexNet Caffe's grouped bvlc_alexnet).
EXACT = {
    "LeNet-5": 60_000, "AlexNet": 60_965_224, "VGG-16": 138_357_544,
    "ResNet-18": 11_689_512, "ResNet-50": 25_557_032, "ResNet-152": 60_192_808,
}  # fmt: skip
# Multiply-adds in 10⁹: He et al. (2016), table 1 and section 3.3, for ResNets and VGG-16; Sze et al. (2017), table II, for AlexNet
OPERATIONS = {"AlexNet": 0.724, "VGG-16": 15.3, "ResNet-18": 1.8, "ResNet-50": 3.8, "ResNet-152": 11.3}


@pytest.mark.parametrize("name", FAMOUS)
def test_parameters_are_the_published_ones(name):
    parameters, _ = FAMOUS[name].cost()
    assert parameters == EXACT[name]
    assert parameters / 1e6 == pytest.approx(FAMOUS[name].parameters, rel=0.01)


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_are_the_published_ones(name):
    _, operations = FAMOUS[name].cost()
    assert operations / 1e9 == pytest.approx(OPERATIONS[name], rel=0.035)


def test_lenets_layers_are_those_of_its_paper():
    made = [sum(p.numel() for p in layer.parameters()) for layer in lenet5() if list(layer.parameters())]
    assert made == [156, 12, 1516, 32, 48_120, 10_164]


@pytest.mark.parametrize("name", FAMOUS)
def test_the_depth_is_that_of_its_longest_way(name):
    with torch.device("meta"):
        model = FAMOUS[name].make()
    layers = [m for name, m in model.named_modules() if isinstance(m, nn.Conv2d | nn.Linear) and "way_around" not in name]
    # LeNet-5's sixteen maps of layer 3 stand side by side, and the weights of its output are fixed pictures
    assert len(layers) - (15 - 1 if name == "LeNet-5" else 0) == FAMOUS[name].depth


def test_outputs_have_the_shape_of_their_task():
    for name, famous in FAMOUS.items():
        with torch.device("meta"):
            y = famous.make().eval()(torch.zeros(2, *famous.shape))
        assert y.shape == (2, 84 if name == "LeNet-5" else 1000)


def test_published_accuracies_are_complements_of_the_published_errors():
    errors = {"LeNet-5": 0.95, "AlexNet": 40.7, "VGG-16": 28.07, "ResNet-18": 27.88, "ResNet-50": 22.85, "ResNet-152": 21.43}
    for name, error in errors.items():
        assert FAMOUS[name].top1 == pytest.approx(100 - error)
    assert DEPTHS["plain"] == pytest.approx({18: 100 - 27.94, 34: 100 - 28.54})
    assert DEPTHS["residual"] == pytest.approx({18: 100 - 27.88, 34: 100 - 25.03})
