import core  # noqa: F401 - before torch is loaded: it says how torch's threads wait
