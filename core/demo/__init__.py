"""The bundled demo shop: a seeded simulator with known truth."""

from core.demo.files import DemoFiles
from core.demo.generate import generate
from core.demo.truth import Truth, click_probability, load_truth

__all__ = ["DemoFiles", "Truth", "click_probability", "generate", "load_truth"]
