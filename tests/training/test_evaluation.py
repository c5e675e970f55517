import pytest
import torch
import torch.nn.functional as F
from torch import nn

from helpers.train import accuracy, evaluate, predict


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.Dropout(0.5), nn.Linear(16, 3))


@pytest.mark.parametrize("batch", [1, 7, 100, 1000])
def test_outputs_are_those_of_evaluation_mode_whatever_the_batch(batch):
    model, x = network(), torch.randn(100, 4)
    y_hat = predict(model, x, batch)
    torch.testing.assert_close(y_hat, model.eval()(x))
    assert not y_hat.requires_grad


def test_each_layer_keeps_its_mode_also_after_an_error():
    model = network().train()
    model[1].eval()
    modes = [module.training for module in model.modules()]
    predict(model, torch.randn(5, 4))
    assert [module.training for module in model.modules()] == modes
    with pytest.raises(RuntimeError):
        predict(model, torch.randn(5, 9))
    assert [module.training for module in model.modules()] == modes


def test_running_means_are_not_touched():
    model = network().train()
    before = model[1].running_mean.clone()
    predict(model, torch.randn(50, 4) + 9)
    assert torch.equal(model[1].running_mean, before)


@pytest.mark.parametrize("batch", [7, 64])
def test_score_is_of_all_data_at_once(batch):
    model, x, y = network().eval(), torch.randn(100, 4), torch.randint(0, 3, (100,))
    score = evaluate(model, (x, y), batch=batch)
    assert score.loss == pytest.approx(F.cross_entropy(model(x), y).item(), rel=1e-5)
    assert score.metric == pytest.approx((model(x).argmax(1) == y).float().mean().item())


def test_a_metric_that_is_no_mean_over_examples():
    """The largest error: a mean over batches would be wrong."""
    model, x = nn.Linear(4, 4), torch.randn(50, 4)
    score = evaluate(model, (x, x), F.mse_loss, lambda y_hat, y: (y_hat - y).abs().max(), batch=8)
    assert score.metric == pytest.approx((model(x) - x).abs().max().item())


def test_amounts_have_a_loss_only():
    x = torch.randn(10, 4)
    assert evaluate(nn.Linear(4, 4), (x, x), F.mse_loss).metric is None


def test_accuracy_of_sequences_counts_every_place():
    logits = torch.tensor([[[9.0, 0, 0], [0, 9, 9]], [[9, 9, 9], [0, 0, 0]]])
    assert accuracy(logits, torch.tensor([[0, 1, 0], [0, 0, 0]])) == pytest.approx(5 / 6)
