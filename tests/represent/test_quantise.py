"""Eight-bit layers: the arithmetic by hand, and how far off they can be."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from core.base.errors import BadInput
from core.represent.quantise import Int8Linear, quantise, rounded, scale_of


def layer(weight: list[list[float]], bias: list[float] | None) -> nn.Linear:
    linear = nn.Linear(len(weight[0]), len(weight), bias=bias is not None)
    linear.weight.data = torch.tensor(weight)
    if bias is not None:
        linear.bias.data = torch.tensor(bias)
    return linear


def test_whole_steps_come_out_exact() -> None:
    # Weights and inputs are whole multiples of their row's largest / 127, so that nothing is rounded.
    eight = Int8Linear(layer([[127.0, -1.0], [12.7, 1.0]], [0.5, 0.0]))
    out = eight(torch.tensor([[[1.27, 0.5], [0.0, 0.0]]]))
    assert out.shape == (1, 2, 2)
    assert out[0, 0].tolist() == pytest.approx([127 * 1.27 - 0.5 + 0.5, 12.7 * 1.27 + 0.5], rel=1e-5)
    assert out[0, 1].tolist() == [0.5, 0.0]


@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 40), st.floats(1e-3, 1e3))
def test_the_error_is_that_of_rounding_and_one_token_does_not_spoil_another(seed: int, rows: int, wide: int, loud: float) -> None:
    draw = torch.Generator().manual_seed(seed)
    linear = nn.Linear(wide, 5)
    x = torch.randn(rows, wide, generator=draw)
    x[0] *= loud
    with torch.no_grad():
        exact, near = linear(x), Int8Linear(linear)(x)
    weights, tokens = scale_of(linear.weight.detach()), scale_of(x)  # one step each; rounding is off by half of it at most
    bound = 0.5 * (tokens * linear.weight.abs().sum(1) + x.abs().sum(1, keepdim=True) * weights.T) + wide * tokens * weights.T
    assert bool(((exact - near).abs() <= bound + 1e-4 * (1 + exact.abs())).all())


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=20))
def test_rounding_keeps_within_half_a_step(values: list[float]) -> None:
    rows = torch.tensor([values])
    scale = scale_of(rows)
    assert float((rounded(rows, scale) * scale - rows).abs().max()) <= 0.5001 * float(scale)


def test_every_linear_layer_is_replaced_and_nothing_else() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Sequential(nn.Linear(4, 2, bias=False)))
    x = torch.randn(6, 3, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        before = model(x)
        quantise(model)
        after = model(x)
    assert [type(module) for module in model.modules() if not list(module.children())] == [Int8Linear, nn.LayerNorm, Int8Linear]
    assert np.abs((before - after).numpy()).max() < 0.05


def test_without_integer_kernels_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    with pytest.raises(BadInput, match="KINDRED_PRECISION=fp32"):
        quantise(nn.Sequential(nn.Linear(1, 1)))
