# Two commands to know: `make demo` and `make test`. Each installs what it needs, and no more, in .venv.
VENV := .venv
BIN := $(VENV)/bin
PROGRAM := $(VENV)/.program
READY := $(VENV)/.ready
MLFLOW := $(VENV)/.mlflow
STORAGE := $(VENV)/.storage
ENGINES := $(VENV)/.engines
MUTANTS := $(VENV)/.mutants
DATAHUB := $(VENV)/datahub/.ready
PAGES := $(VENV)/.docs

# Tests start hundreds of processes, and each would compile our modules again where nothing is kept.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test test-fast test-wheel lint site bench fuzz hostile gate mutants oracle format clean

demo: $(PROGRAM) ## make a real repository with a pull request in it, and compare its branch
	rm -rf lineage-diff-demo
	$(BIN)/lineage-diff demo lineage-diff-demo

test: $(READY) $(MLFLOW) $(STORAGE) $(ENGINES) $(DATAHUB) $(PAGES) ## run the tests; it names the tools that are missing for the skipped ones; ARGS=--no-skips fails if there are any
	./scripts/browser
	./scripts/github-api
	./scripts/azurite
	$(BIN)/pytest -n 2 -ra $(ARGS)

test-fast: $(READY) ## run the tests that need no DVC, browser, container, server or registry: about a minute
	$(BIN)/pytest -n 2 --fast --hypothesis-profile=fast

test-wheel: $(READY) ## build the wheel, and run every command of it on each Python that is here; ARGS=--no-skips fails if one is missing
	$(BIN)/pytest tests/packaging -ra $(ARGS)

lint: $(READY) ## format, lint, strict types, import contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

site: $(PAGES) ## build the documentation as pages with search, in site/
	$(BIN)/python scripts/site site

bench: $(READY) ## time it beside an older commit, DVC, by size and by history: hours; one of them: BENCH=history ARGS="--commits 5000"
	failed=0; for part in $(or $(BENCH),beside_commit beside_dvc scale history export pushed gate decisions organization index index_dask); do \
	  $(BIN)/python bench/$$part.py $(ARGS) || failed=1; \
	done; exit $$failed

fuzz: $(READY) ## feed readers and commands with mutated documents, 20,000 each and 5,000 in all; break GitHub's answers to 500 runs with a comment and 500 with an issue
	for target in yaml json toml python dvc_file lock policy ignore event report commit; do \
	  $(BIN)/python fuzz/readers.py $$target || exit; \
	done
	$(BIN)/python fuzz/commands.py
	./scripts/github-api
	$(BIN)/python fuzz/publishing.py
	$(BIN)/python fuzz/issues.py

hostile: $(READY) ## every command on 200 random hostile heads, beside usual ones: an hour; ARGS="--heads 20"
	$(BIN)/python fuzz/hostile_heads.py $(ARGS)

gate: $(READY) ## 1,000 random pull requests on real repositories, judged by the real DVC: half an hour; ARGS="--seed 2 --runs 100"
	$(BIN)/python fuzz/gate.py $(ARGS)

mutants: $(READY) $(MUTANTS) ## change the code in small ways, and show which changes no test notices; ARGS="--seed 2"
	./scripts/github-api
	$(BIN)/python bench/mutants.py $(ARGS)

oracle: $(READY) ## ask DVC and us the same of all projects in a folder: REPOS=folder, ARGS="--most 100"
	$(BIN)/python bench/oracle.py $(REPOS) $(ARGS)

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(PROGRAM): pyproject.toml scripts/venv
	./scripts/venv $(VENV)
	touch $@

# The tools for tests are five times as large as the program.
$(READY): $(PROGRAM)
	./scripts/venv $(VENV) dev
	touch $@

# Only tests need a real MLflow server, and it is large.
$(MLFLOW): $(READY)
	./scripts/venv $(VENV) dev-mlflow
	touch $@

# As are the plugins of clouds, and a server for them.
$(STORAGE): $(READY)
	./scripts/venv $(VENV) dev-storage
	touch $@

# So are other engines for the tables of an organization.
$(ENGINES): $(READY)
	./scripts/venv $(VENV) dev-engines
	touch $@

# DataHub's command, which takes other versions of our packages: an environment of its own, 144 MB.
$(DATAHUB): $(READY)
	$(BIN)/python -m virtualenv --quiet $(VENV)/datahub
	$(BIN)/python -m pip --python $(VENV)/datahub/bin/python install --quiet --disable-pip-version-check 'acryl-datahub~=1.7.0'
	touch $@

# The generator of the site.
$(PAGES): $(PROGRAM)
	./scripts/venv $(VENV) dev-docs
	touch $@

# The library that makes the mutants.
$(MUTANTS): $(READY)
	./scripts/venv $(VENV) dev-mutants
	touch $@

clean:
	rm -rf $(VENV) lineage-diff-demo mutants site
