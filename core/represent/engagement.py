"""The weights of actions, kept in core.base.engagement since profiles read them too."""

from core.base.engagement import NEUTRAL_STARS, STARS, STARS_BOUGHT_AGAIN, WEIGHT

__all__ = ["NEUTRAL_STARS", "STARS", "STARS_BOUGHT_AGAIN", "WEIGHT"]
