"""The parts of the shop window: what is asked, the surfaces, the cards."""
