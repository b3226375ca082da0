# Set-up needs Python 3.11 or later, make and pip. `make run` installs what running needs into .venv; the other targets add
# what tests and documentation need. Each does so when .venv is missing or older than the files that list the packages.
PYTHON ?= python3
BIN := .venv/bin
RUNNABLE := .venv/.runnable
READY := .venv/.ready
BASELINE := scenarios/us-russia-2022
SCENARIO ?= $(BASELINE).yaml
KOREA := scenarios/inter-korean-2018-2021
HOTLINE := scenarios/washington-moscow-1967
SHIPPED := results/us-russia-2022/reference
WHAT_IFS := results/us-russia-2022/what-ifs
POSTERIOR := results/us-russia-2022/posterior
FORECAST := results/us-russia-2022/forecast
SHIPPED_FIGURES := survival-lines survival-groups first-contact first-by-cause response-delay

.PHONY: help run test test-deep lint format bench browser-check docs reference reference-results posterior constraints clean

help:  ## what there is to make
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUNNABLE)  ## run the baseline scenario (SCENARIO=FILE for another)
	@$(BIN)/openlines run $(SCENARIO)

test: $(READY)  ## the tests, under five minutes on two cores
	$(BIN)/python -m pytest -q -n auto --dist worksteal -m "not deep"

test-deep: $(READY)  ## the tests with larger samples, and the campaigns that take long
	OPENLINES_DEEP=1 $(BIN)/python -m pytest -q -n auto --dist worksteal --timeout 7200

lint: $(READY)  ## style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)  ## bring the code into its style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY)  ## the documentation as a site, in build/docs; a warning or a dead link fails
	$(BIN)/python -m sphinx --builder html --fail-on-warning --keep-going --quiet docs build/docs
	@echo "build/docs/index.html"

reference: $(READY)  ## write the generated parts of the reference pages, and the schemas, anew
	$(BIN)/python -m docs.generate

posterior: $(READY)  ## calibrate the baseline anew, and forecast from its record: some minutes; then reference-results
	rm -rf build/posterior
	$(BIN)/openlines calibrate $(BASELINE).yaml --holdout sullivan-patrushev --alternative $(BASELINE)-independent.yaml \
		--out build/posterior
	$(BIN)/openlines calibrate $(BASELINE)-daily.yaml --out build/posterior
	cp build/posterior/*.posterior.parquet scenarios/
	mkdir -p $(POSTERIOR) $(FORECAST)
	cp build/posterior/us-russia-2022.calibration.json build/posterior/us-russia-2022.calibration.png $(POSTERIOR)/
	$(BIN)/openlines forecast $(BASELINE).yaml --as-of 2022-04-10 --out $(FORECAST)/2022-04-10.json
	$(BIN)/openlines forecast $(BASELINE).yaml --as-of 2022-05-13 --draws 2048 --out $(FORECAST)/2022-05-13.json \
		--figure $(FORECAST)/moving.png --line austin-shoigu --line milley-gerasimov

reference-results: $(READY)  ## make the results that are shipped anew, by the command in results/README.md
	rm -rf build/reference
	$(BIN)/openlines run $(BASELINE).yaml -n 10000 --seed 1 --engine compiled --out build/reference
	mkdir -p $(SHIPPED)/figures
	cp build/reference/summary.json $(SHIPPED)/
	cp build/reference/figures/alt.json $(foreach name,$(SHIPPED_FIGURES),build/reference/figures/$(name).png) $(SHIPPED)/figures/
	rm -rf build/what-ifs
	$(BIN)/openlines compare $(BASELINE)-what-ifs.yaml -n 4000 --seed 1 --engine compiled --out build/what-ifs
	mkdir -p $(WHAT_IFS)/figures
	$(BIN)/python -m tests.scenarios.test_what_ifs build/what-ifs/comparison.json > $(WHAT_IFS)/comparison.json
	cp build/what-ifs/figures/alt.json $(foreach name,differences survival why-06,build/what-ifs/figures/$(name).png) $(WHAT_IFS)/figures/
	$(BIN)/openlines fit $(HOTLINE).csv --series reply --figure results/washington-moscow-1967/reply.png
	$(BIN)/openlines fit $(HOTLINE).csv --series transit --figure results/washington-moscow-1967/transit.png
	$(BIN)/openlines trace $(HOTLINE).yaml --replication 462 --figure results/washington-moscow-1967/replication-462.png
	$(BIN)/openlines network $(HOTLINE).yaml --figure results/washington-moscow-1967/network.png
	$(BIN)/openlines trace $(KOREA).yaml --replication 40 --figure results/inter-korean-2018-2021/replication-40.png
	rm -rf build/after-the-cut
	$(BIN)/openlines run $(KOREA).yaml -n 2000 --set clock.start=2020-06-09 \
		--set regimes.pyongyang-gate.initially=shut --set record=null --out build/after-the-cut
	cp build/after-the-cut/figures/survival-groups.png results/inter-korean-2018-2021/after-the-cut.png

browser-check: $(READY)  ## reports in a headless Chromium, which has to be there; pictures in build/browser
	$(BIN)/python -m tests.browser.check

bench: $(READY)  ## how fast, against SimPy, Cimba and C, to results/benchmarks (FULL=1: longer, and larger runs)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m benchmarks $(if $(FULL),--full) --write results/benchmarks

constraints: $(READY)  ## write the installed versions to constraints.txt
	{ head -n 2 constraints.txt; $(BIN)/python -m pip list --format=freeze --exclude-editable \
		| grep -viE '^(pip|setuptools|wheel|openlines)=' | sort -f; } > constraints.new
	mv constraints.new constraints.txt

clean:  ## remove what make has made
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# In a variable, since a comma would part the arguments of call.
EVERYTHING := .[dev,docs]

define install
	@if command -v uv >/dev/null 2>&1; then \
		uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable '$(1)'; \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '$(1)'; \
	fi
endef

$(RUNNABLE): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Open Lines needs Python 3.11 or later; PYTHON=/path/to/python make ... chooses one" >&2; exit 1; }
	@echo "Setting up .venv (once; half a minute)"
	@if command -v uv >/dev/null 2>&1; then uv venv --quiet --clear --seed --python "$$(command -v $(PYTHON))" .venv; \
		else $(PYTHON) -m venv --clear .venv; fi
	$(call install,.)
	@touch $(RUNNABLE)

$(READY): $(RUNNABLE)
	@echo "Installing what tests and documentation need (once; a minute or two)"
	$(call install,$(EVERYTHING))
	@$(BIN)/python -m sim.engines.compiled.engine
	@$(BIN)/python -c "import sim.calibration.particles; from sim.calibration.jit import CACHE; CACHE.prepare()"
	@touch $(READY)
