# The verbs of this project. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help fonts run test check unit train reader exam exam-public talks bench pictures lock clean
PYTHON ?= python3
UV := .uv/bin/uv
PY := .venv/bin/python
BOT := bot/.venv/bin/python
# Compiled modules are kept, of the packages from the day they are installed: a start of the API takes half as long then,
# one of the bot a third, and the tests start hundreds of them.
unexport PYTHONDONTWRITEBYTECODE
export UV_COMPILE_BYTECODE := 1
# Two files of tests at a time, the long ones first (tests/long_first.py); each has its own databases, ports and bot.
# Where a side dies the run ends and says on which test: started anew, it would wait for ever (pytest-xdist issue 1378).
AT_ONCE := -n 2 --dist loadfile --no-loadscope-reorder --max-worker-restart=0

help: ## List the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1 \t/' | expand -t 18

run: .venv/.api bot/.venv/.synced fonts ## Set up what is missing, train if needed, and serve the practice version at http://127.0.0.1:8000/
	@$(PY) -m content train
	@$(BOT) bot/train.py
	@exec $(PY) -m api run

test: .venv/.test bot/.venv/.synced fonts ## Everything CI runs: check, then every test, on SQLite, PostgreSQL, real Rasa and a real browser
	@.ci/postgres
	@.ci/browser
	@.ci/voice
	@.ci/print
	@.ci/pages
	@$(MAKE) --no-print-directory check
	@$(PY) -m content train
	@$(BOT) bot/train.py
	@$(PY) -m pytest $(AT_ONCE)

check: .venv/.test ## Style, types, walls between rooms, templates, scripts, cards and training lines
	@echo "Checking style, types and walls ..."
	@$(PY) -m ruff check --quiet .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-logo
	@.venv/bin/djlint --quiet --lint api
	@.ci/eslint
	@$(PY) -m content check --no-warnings
	@$(PY) -m content train --check

unit: .venv/.test ## The quick tests alone, without a database, Rasa, browser, voice, PDF or real faults
	@$(PY) -m pytest $(AT_ONCE) -m "not database and not rasa and not browser and not tools and not faults" -q

train: .venv/.api bot/.venv/.synced ## Write the training lines from the cards and train the bot, when anything changed
	@$(PY) -m content train
	@$(BOT) bot/train.py

reader: .venv/.api bot/.venv/.synced ## Teach the reader and the letters danger and calm anew from today's lines (half an hour; seldom needed)
	@$(PY) -m content train
	@$(PY) -m content letters
	@TF_CPP_MIN_LOG_LEVEL=3 PYTHONWARNINGS=ignore $(BOT) bot/teach_danger_reader.py

exam: .venv/.test bot/.venv/.synced train ## Ask the trained bot every exam line: tables by card, author and style; fails below the floors
	@$(PY) -m tests.exam

talks: .venv/.test bot/.venv/.synced train ## Hold whole talks by strangers with the trained bot: figures; fails below the floors
	@$(PY) -m tests.talks

exam-public: bot/.venv/.synced ## The same pipeline on public data sets in the folder EXAM_DATA, ten examples an intent
	@$(BOT) bot/exam_public.py

bench: .venv/.test bot/.venv/.synced train ## Print the figures: speed as ratios, page weight, shape of the code
	@$(PY) -m tests.bench

pictures: .venv/.test fonts ## Make the README's pictures from the running practice version, into docs/pictures
	@.ci/browser
	@$(PY) -m tests.pictures

lock: $(UV) ## Work out the locked requirements again, with hashes
	@$(UV) pip compile -q pyproject.toml --python-version 3.11 --universal --generate-hashes -o requirements/api.txt
	@$(UV) pip compile -q pyproject.toml --extra test --python-version 3.11 --universal --generate-hashes -o requirements/test.txt
	@cd bot && ../$(UV) pip compile -q pyproject.toml --python-version 3.10 --generate-hashes -o ../requirements/bot.txt

# Fetched by npm where it is; without it every page is complete in the letters of the device.
fonts: ## Fetch the letters that a reader may choose (Atkinson Hyperlegible Next, Lexend, OpenDyslexic), where npm is present
	@accessibility/fonts/fetch

clean: ## Remove everything that the other verbs made
	@rm -rf accessibility/fonts/files .venv .uv bot/.venv bot/models tests/page_tools/node_modules var .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(UV): requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@echo "Fetching uv, which installs the rest ..."
	@$(PYTHON) -m venv .uv || { echo "Python has no venv module here. On Debian: apt-get install python3-venv"; exit 1; }
	@.uv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $(UV)

.venv/pyvenv.cfg: | $(UV)
	@$(UV) venv -q --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv

.venv/.api: requirements/api.txt | .venv/pyvenv.cfg
	@echo "Installing the API's packages (about 1 minute the first time) ..."
	@VIRTUAL_ENV=.venv $(UV) pip sync requirements/api.txt
	@rm -f .venv/.test; touch $@

.venv/.test: requirements/test.txt | .venv/pyvenv.cfg
	@echo "Installing the API's packages and the test tools (about 1 minute the first time) ..."
	@VIRTUAL_ENV=.venv $(UV) pip sync requirements/test.txt
	@touch .venv/.api $@

# Rasa 3.6 needs Python 3.10: on the PATH, else from pyenv, else fetched by uv.
bot/.venv/pyvenv.cfg: | $(UV)
	@found=$$($(UV) python find --no-python-downloads 3.10 2>/dev/null || ls -d $$HOME/.pyenv/versions/3.10*/bin/python 2>/dev/null | tail -1); \
	$(UV) venv -q --python "$${found:-3.10}" bot/.venv || \
	  { echo "The bot needs Python 3.10 and none could be found or fetched. Install it, for example: pyenv install 3.10"; exit 1; }

bot/.venv/.synced: requirements/bot.txt | bot/.venv/pyvenv.cfg
	@echo "Installing the bot's packages (about 600 MB; 2 to 5 minutes the first time) ..."
	@VIRTUAL_ENV=bot/.venv $(UV) pip sync requirements/bot.txt
	@touch $@
