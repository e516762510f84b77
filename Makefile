# `make run` starts the demo; `make test` proves the code; the rest is for people who work on it.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := run
.PHONY: run test prove prove-timeline reference lock wheel clean

run: .venv/run.stamp  ## set up what is missing and start the demo (ARGS="--port 9000" adds options)
	@$(BIN)/python -m allpoints demo $(ARGS)

test: .venv/test.stamp  ## install what tests need; lint, types, and every kind of test but the long ones
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/pytest -m "not (alone or scale or soak)" --numprocesses 2 --dist loadfile $(ARGS) || [ $$? = 5 ]  # 5: none of that
	$(BIN)/pytest -m "alone and not (scale or soak)" $(ARGS) || [ $$? = 5 ]

prove: .venv/test.stamp  ## the long benches and soaks, three hours; raw figures go to docs/proof/
	$(BIN)/pytest -m "scale or soak" $(ARGS) || [ $$? = 5 ]  # 5: there is none yet
	$(BIN)/python -m bench

prove-timeline: .venv/test.stamp  ## 40 minutes of timeline across the 26.5 h wrap, and as many hours as 40 minutes of computing allow
	$(BIN)/python -m bench.long_timeline $(ARGS)

reference: .venv/run.stamp  ## write the generated pages of docs/reference/ from the code
	$(BIN)/python -m allpoints.app.reference

lock:  ## lock what pyproject.toml asks for (ARGS=--upgrade takes the newest versions)
	sh requirements/lock.sh $(ARGS)

wheel: .venv/test.stamp  ## dist/: this commit as a wheel and an sdist, each time the same bytes, and their sha256
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/uv build --quiet --clear --no-config --offline \
	    --no-build-isolation --python $(BIN)/python
	@PYTHONPATH=$$(echo dist/*.whl) $(BIN)/python -P -m allpoints --version
	@cd dist && sha256sum allpoints-*

clean:  ## forget the environment; data folders stay
	rm -rf .venv frontend/node_modules

.venv/run.stamp: requirements/run.txt requirements/tool.txt requirements/set-up.sh
	@PYTHON=$(PYTHON) sh requirements/set-up.sh run

.venv/test.stamp: requirements/test.txt requirements/tool.txt requirements/set-up.sh $(wildcard frontend/package-lock.json)
	@PYTHON=$(PYTHON) sh requirements/set-up.sh test
