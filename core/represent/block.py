"""A layer of the user tower: what each act of a history makes of itself and of those before it."""

import math

import torch
from torch import nn
from torch.nn import functional

GAPS = 12
"""Gaps between acts fall into buckets: same day, 1 day, 2 to 3, 4 to 7, … , three years and more."""


class Block(nn.Module):
    """Causal attention, biased by how many steps and how many days lie between two acts, then a feed-forward layer."""

    def __init__(self, width: int, heads: int, dropout: float, longest: int):
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.before_attention, self.before_forward = nn.LayerNorm(width), nn.LayerNorm(width)
        self.project, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.steps, self.gaps = nn.Embedding(longest, heads), nn.Embedding(GAPS, heads)
        nn.init.zeros_(self.steps.weight)
        nn.init.zeros_(self.gaps.weight)
        self.forward_layer = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(), nn.Dropout(dropout), nn.Linear(2 * width, width), nn.Dropout(dropout)
        )

    def forward(self, x: torch.Tensor, steps: torch.Tensor, gaps: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        """Return (b, q, width), what the last q of l places become.

        x: (b, l, width); steps: (q, l) and gaps: (b, q, l) buckets; hidden: (b, 1, q, l), what may not be looked at.
        """
        ready, near = self.before_attention(x), self._near(steps, gaps, hidden)
        wanted = hidden.shape[2]
        looked = self._look(ready, near) if wanted > 1 or self.training else self._look_once(ready, near)
        looked = self.out(looked)
        x = x[:, -wanted:] + functional.dropout(looked, self.dropout, self.training)
        return x + self.forward_layer(self.before_forward(x))

    def attention(self, x: torch.Tensor, steps: torch.Tensor, gaps: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        """Return (b, l): how much the last place looks at each, the mean of the heads; arguments as in ``forward``, q = 1."""
        return self._attention(self.before_attention(x), self._near(steps, gaps, hidden)).mean(dim=1)

    def _near(self, steps: torch.Tensor, gaps: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        near = self.steps(steps).permute(2, 0, 1) + self.gaps(gaps).permute(0, 3, 1, 2)
        return near.masked_fill(hidden, -1e9)

    def _look(self, ready: torch.Tensor, near: torch.Tensor) -> torch.Tensor:
        """Return (b, q, width), what the last q places of (b, l, width) attend to. near: (b, heads, q, l)."""
        batch, _, width = ready.shape
        wanted, weight, bias = near.shape[2], self.project.weight, self.project.bias
        query = functional.linear(ready[:, -wanted:], weight[:width], bias[:width])
        key, value = functional.linear(ready, weight[width:], bias[width:]).chunk(2, dim=-1)
        query, key, value = (one.view(batch, -1, self.heads, width // self.heads).transpose(1, 2) for one in (query, key, value))
        dropout = self.dropout if self.training else 0.0
        looked = functional.scaled_dot_product_attention(query, key, value, near, dropout_p=dropout)
        return looked.transpose(1, 2).reshape(batch, wanted, width)

    def _look_once(self, ready: torch.Tensor, near: torch.Tensor) -> torch.Tensor:
        """Return the same for the last place alone, q = 1, with a product for each history and not for each act of it.

        q · (K x) = (Kᵀ q) · x, and Σ a_i (V x_i) = V (Σ a_i x_i); the bias of the keys is the same for all acts, so that softmax
        does not see it.
        """
        batch, _, width = ready.shape
        size = width // self.heads
        value_weight = self.project.weight.view(3, self.heads, size, width)[2]
        value_bias = self.project.bias.view(3, self.heads, size)[2]
        looked = torch.einsum("bhw,hsw->bhs", self._attention(ready, near) @ ready, value_weight) + value_bias
        return looked.reshape(batch, 1, width)

    def _attention(self, ready: torch.Tensor, near: torch.Tensor) -> torch.Tensor:
        """Return (b, heads, l): how much the last place looks at each, 1 in all; arguments as in ``_look_once``."""
        width = ready.shape[-1]
        size = width // self.heads
        query_weight, key_weight, _ = self.project.weight.view(3, self.heads, size, width)
        query = torch.einsum("bw,hsw->bhs", ready[:, -1], query_weight) + self.project.bias.view(3, self.heads, size)[0]
        asked = torch.einsum("bhs,hsw->bhw", query, key_weight) / math.sqrt(size)
        return (asked @ ready.transpose(1, 2) + near[:, :, 0]).softmax(dim=-1)
