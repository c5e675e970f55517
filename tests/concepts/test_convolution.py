"""Convolution and pooling against torch's own, over random shapes, and against loops a student could write."""

import itertools
import random

import pytest
import torch
import torch.nn.functional as F

from helpers.concepts.convolution import (
    KERNELS,
    Slide,
    average_pool,
    convolve,
    kernel,
    max_pool,
    multiply_adds,
    pad,
    spread,
    windows,
)

DIAGONAL = 2 * torch.eye(4, dtype=torch.float64) - 1


def configurations(n: int, seed: int, pooling: bool = False):
    """`n` random inputs with a window that fits: (x, slide), all of it drawn from the seed."""
    draw, torch_draw = random.Random(seed), torch.Generator().manual_seed(seed)
    while n:
        rows, columns = draw.choice([1, 1, *range(2, 15)]), draw.randint(1, 15)
        height = 1 if rows == 1 else draw.randint(1, 5)
        slide = Slide(height, draw.randint(1, 5), draw.randint(1, 4), draw.randint(0, 3), draw.randint(1, 3))
        if pooling and (2 * slide.padding > min(slide.height, slide.width) and slide.padding):
            continue  # torch refuses to pool these
        if slide.problem(rows, columns) is None:
            n -= 1
            yield torch.randn(draw.randint(1, 4), rows, columns, generator=torch_draw, dtype=torch.float64), slide


def torch_options(x, slide: Slide) -> dict:
    signal = x.shape[-2] == slide.height == 1  # a 1-D convolution, written as a 2-D one for torch
    padding = (0, slide.padding) if signal else slide.padding
    return {"stride": slide.stride, "padding": padding, "dilation": slide.dilation}


@pytest.mark.parametrize(("x", "slide"), list(configurations(200, seed=0)))
def test_convolve_is_torchs_convolution(x, slide):
    weights = torch.randn(len(x), slide.height, slide.width, generator=torch.Generator().manual_seed(1)).double()
    theirs = F.conv2d(x[None], weights[None], torch.tensor([0.25], dtype=torch.float64), **torch_options(x, slide))[0, 0]
    ours = convolve(x, weights, slide, bias=0.25)
    assert ours.shape == slide.output(*x.shape[1:]) == theirs.shape
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)


def test_a_signal_of_one_row_is_torchs_1d_convolution():
    for x, slide in configurations(60, seed=2):
        if x.shape[1] == 1:
            weights = torch.randn(len(x), 1, slide.width, dtype=torch.float64)
            theirs = F.conv1d(x[:, 0], weights[:, 0][None], stride=slide.stride, padding=slide.padding, dilation=slide.dilation)
            torch.testing.assert_close(convolve(x, weights, slide), theirs, rtol=0, atol=1e-6)


def flat_index(within, slide: Slide, rows: int, columns: int):
    """A window's cell (counted row by row) as torch counts it: the cell's number in the input without padding."""
    out = torch.stack(torch.meshgrid(*map(torch.arange, within.shape[1:]), indexing="ij"))
    row = out[0] * slide.stride + within // slide.width * slide.dilation - slide.margin(rows)[0]
    column = out[1] * slide.stride + within % slide.width * slide.dilation - slide.margin(rows)[1]
    return row * columns + column


@pytest.mark.parametrize("ties", [False, True])
def test_max_pool_is_torchs_with_the_same_winners(ties):
    for x, slide in configurations(200, seed=3, pooling=True):
        x = x.round() if ties else x
        values, indices = F.max_pool2d(x, (slide.height, slide.width), **torch_options(x, slide), return_indices=True)
        ours, within = max_pool(x, slide)
        seen = torch.isfinite(values)  # a window with nothing but padding under it has no winner
        assert torch.equal(ours, values)
        assert torch.equal(flat_index(within, slide, *x.shape[1:])[seen], indices[seen])


def test_average_pool_is_torchs():
    for x, slide in configurations(200, seed=4, pooling=True):
        if slide.dilation == 1:
            theirs = F.avg_pool2d(x, (slide.height, slide.width), slide.stride, torch_options(x, slide)["padding"])
            torch.testing.assert_close(average_pool(x, slide), theirs, rtol=0, atol=1e-6)


def test_the_diagonal_of_the_lecture():
    rising = kernel("rising", 3)
    assert convolve(DIAGONAL[None], rising[None], Slide(3, 3)).tolist() == [[9, -1], [-1, 9]]


def test_an_identity_kernel_leaves_the_input():
    for size in (1, 3, 5, 7):
        x = torch.randn(1, 9, 11, dtype=torch.float64)
        same = convolve(x, kernel("identity", size)[None], Slide(size, size, padding=size // 2))
        assert torch.equal(same, x[0])


def test_only_outputs_whose_window_holds_a_cell_depend_on_it():
    for x, slide in itertools.islice(configurations(60, seed=5), 25):
        weights = torch.rand(len(x), slide.height, slide.width, dtype=torch.float64) + 0.1
        before = convolve(x, weights, slide)
        row, column = random.Random(slide.stride).randrange(x.shape[1]), x.shape[2] // 2
        x[0, row, column] += 1.0
        changed = convolve(x, weights, slide) != before
        for i, j in itertools.product(*map(range, before.shape)):
            top, left = slide.origin(i, j)
            above, before_it = slide.margin(x.shape[1])
            taps = {
                (top + u * slide.dilation - above, left + v * slide.dilation - before_it)
                for u in range(slide.height)
                for v in range(slide.width)
            }
            assert bool(changed[i, j]) == ((row, column) in taps)


def test_windows_copy_nothing_and_show_what_each_output_sees():
    x = torch.arange(60.0).reshape(3, 4, 5)[1:, :, 1:]  # a view that begins inside its storage
    slide = Slide(2, 2, stride=2, padding=1)
    seen = windows(x, slide)
    assert seen.untyped_storage().size() == pad(x, slide).untyped_storage().size()
    assert seen[0, 1, 1].tolist() == [[27, 28], [32, 33]]


def test_spread_is_the_largest_response_over_each_cell():
    for x, slide in configurations(60, seed=6):
        shape = x.shape[1:]
        y = torch.randn(slide.output(*shape), dtype=torch.float64)
        slow = torch.zeros(shape, dtype=torch.float64)
        share = y.clamp(min=0) / max(float(y.max()), 1e-12)
        for i, j, u, v in itertools.product(*map(range, (*y.shape, slide.height, slide.width))):
            row = i * slide.stride + u * slide.dilation - slide.margin(shape[0])[0]
            column = j * slide.stride + v * slide.dilation - slide.margin(shape[0])[1]
            if 0 <= row < shape[0] and 0 <= column < shape[1]:
                slow[row, column] = max(slow[row, column], share[i, j])
        torch.testing.assert_close(spread(y, slide, tuple(shape)), slow, rtol=0, atol=1e-12)


def test_nothing_fires_nothing_is_spread():
    assert not spread(-torch.ones(2, 2), Slide(3, 3), (4, 4)).any()


def test_a_problem_is_named_exactly_where_torch_has_none_to_offer():
    draw = random.Random(7)
    for _ in range(400):
        rows, columns = draw.randint(2, 6), draw.randint(2, 6)
        slide = Slide(draw.randint(2, 6), draw.randint(2, 6), draw.randint(1, 3), draw.randint(0, 2), draw.randint(1, 3))
        x, weights = torch.zeros(1, 1, rows, columns), torch.zeros(1, 1, slide.height, slide.width)
        if slide.problem(rows, columns) is None:
            F.conv2d(x, weights, **torch_options(x, slide))
        else:
            with pytest.raises(RuntimeError):
                F.conv2d(x, weights, **torch_options(x, slide))
            with pytest.raises(ValueError, match="Choose"):
                windows(x[0], slide)


def test_what_a_problem_proposes_works():
    draw, tried = random.Random(8), 0
    while tried < 200:
        n = draw.randint(1, 6)
        slide = Slide(draw.randint(2, 6), draw.randint(2, 6), 1, draw.randint(0, 2), draw.randint(1, 4))
        problem = slide.problem(n, n)
        if problem is None:
            continue
        tried += 1
        for words in problem.split("Choose ")[1].split(", or")[0].split(" or "):
            name, relation, value = words.split()
            assert relation == {"padding": "≥", "dilation": "≤"}[name]
            better = Slide(slide.height, slide.width, 1, **{"padding": slide.padding, "dilation": slide.dilation, name: int(value)})
            assert _still(better.problem(n, n)) != _still(problem), f"{problem} — {words} changed nothing"
            less = Slide(slide.height, slide.width, 1, **{"padding": slide.padding, "dilation": slide.dilation,
                                                          name: int(value) + (1 if relation == "≤" else -1)})  # fmt: skip
            assert less.problem(n, n), f"{problem} — {words} asks for more than is needed"


def _still(problem: str | None) -> str:
    """Which axis a problem is about: a way out for the rows may leave the columns too narrow."""
    return "" if problem is None else ("rows" if " rows" in problem else "columns")


@pytest.mark.parametrize(("name", "value"), [("height", 0), ("width", -1), ("stride", 0), ("dilation", 0), ("padding", -1)])
def test_a_window_that_makes_no_sense_is_named(name, value):
    said = Slide(**{"height": 3, "width": 3, name: value}).problem(8, 8)
    assert name in said
    assert f"{value}" in said


def test_multiply_adds_count_every_product():
    for x, slide in configurations(20, seed=9):
        weights = torch.ones(len(x), slide.height, slide.width, dtype=torch.float64)
        bare = Slide(slide.height, slide.width, slide.stride, 0, slide.dilation)
        if bare.problem(*x.shape[1:]):
            continue
        out = convolve(torch.ones_like(x), weights, bare)  # each product is 1, so their sum is their number
        assert multiply_adds(weights, tuple(out.shape)) == int(out.sum())


@pytest.mark.parametrize("size", [2, 3, 4, 5, 7])
def test_kernels_fire_on_what_they_are_named_after(size):
    pictures = {
        "rising": 2 * torch.eye(size) - 1, "falling": (2 * torch.eye(size) - 1).flip(1),
        "onset": torch.sign(torch.arange(size) - size / 2 + 0.5).expand(size, size),
    }  # fmt: skip
    for name, picture in pictures.items():
        scores = {other: float((kernel(other, size) * picture).sum()) for other in ("rising", "falling", "onset", "held")}
        assert max(scores, key=scores.get) == name
    for name in ("onset", "held"):
        assert abs(float(kernel(name, size).sum())) < 1e-6
    assert float(kernel("blur", size).sum()) == pytest.approx(1)


def test_a_kernel_of_another_name_is_refused_with_the_names_there_are():
    with pytest.raises(ValueError, match=", ".join(KERNELS)):
        kernel("sharpen", 3)
