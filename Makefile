# Needs Python 3.11 or newer with pip, make and git; everything else is installed into .venv.
# The environment is made without pip inside and filled from outside: that works where the
# system's Python comes without ensurepip, and leaves the system's packages alone. pip is put into
# it with hoiquy, so that `pip install` works once it is activated.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python
PYTEST := $(BIN)/pytest --numprocesses auto --dist worksteal
DATA ?=
SETS ?=
ARGS ?=
# LANG=vi after make chooses the language of a lab; else the system's does.
CHOSEN_LANG := $(if $(findstring command line,$(origin LANG)),--lang $(LANG))

.PHONY: help install lab lab-full notebook notebooks test test-fast test-all lint check docs bench judge verdicts clean

help:
	@echo "make lab        set up, then train all five networks quickly on real reviews (LANG=vi|en)"
	@echo "make lab-full   the lab's own settings on the official reviews (DATA=folder or tar.gz)"
	@echo "make notebook   the lab as a notebook, in Vietnamese and English (installs JupyterLab)"
	@echo "make notebooks  write the lab's Keras notebooks with their outputs"
	@echo "make test       set up, then run the tests (8 minutes on two cores)"
	@echo "make test-fast  those that need no other process, Ray, browser or Keras (3 minutes)"
	@echo "make test-all   everything, with simulations, long fault tests and long fuzzing (hours)"
	@echo "make lint       style and types        make check   lint and test"
	@echo "make docs       build the documentation into site/, with warnings as errors"
	@echo "make bench      beside Keras, PyTorch and ONNX Runtime, which it installs (ARGS=--help)"
	@echo "make judge      the default beside baselines on labelled sets (SETS=folder ARGS=--help)"
	@echo "make verdicts   how often the sentences of a report are wrong, simulated"
	@echo "make install    only set up            make clean   remove .venv"

install: $(VENV)/.installed

lab: $(VENV)/.installed
	$(BIN)/hoiquy lab --quick --out lab $(if $(DATA),--data $(DATA)) $(CHOSEN_LANG)

lab-full: $(VENV)/.installed
	$(BIN)/hoiquy lab --out lab-full $(if $(DATA),--data $(DATA)) $(CHOSEN_LANG)

notebook: $(VENV)/.installed
	$(PIP) install --quiet --editable '.[notebook]'
	$(BIN)/jupyter lab examples/lab.ipynb

notebooks: $(VENV)/.developing
	$(BIN)/python tools/lab_notebooks.py

test: $(VENV)/.developing
	$(PYTEST) -m "not slow"

test-fast: $(VENV)/.developing
	$(PYTEST) -m "not slow and not process and not ray and not browser and not keras"

test-all: $(VENV)/.developing
	HOIQUY_EXAMPLES=long HOIQUY_KILLS=200 HOIQUY_FLIPS=200 HOIQUY_FUZZ=10000 HOIQUY_KERAS_MODELS=150 \
		HOIQUY_KERAS_PAIRS=3000 $(PYTEST) --timeout 7200

lint: $(VENV)/.developing
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

check: lint test

docs: $(VENV)/.documenting
	$(BIN)/python tools/reference_pages.py docs
	$(BIN)/zensical build --strict --clean

bench: $(VENV)/.installed
	$(PIP) install --quiet --editable '.[onnx]'
	$(BIN)/python benchmarks/bench.py --out bench $(ARGS)

judge: $(VENV)/.installed
	$(BIN)/python benchmarks/judge_default.py $(if $(SETS),--sets $(SETS)) --out judge $(ARGS)

verdicts: $(VENV)/.installed
	$(BIN)/python benchmarks/verdict_errors.py $(ARGS)

$(BIN)/python:
	$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "installing into $(VENV), which takes some minutes"
	$(PIP) install --quiet pip --editable '.[docx]'
	touch $@

$(VENV)/.developing: pyproject.toml | $(BIN)/python
	$(PIP) install --quiet pip --editable '.[dev]'
	touch $@ $(VENV)/.installed

$(VENV)/.documenting: pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --editable '.[docs]'
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) site .cache
