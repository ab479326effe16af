.DEFAULT_GOAL := help
.PHONY: help demo run test test-deep check fix bench

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## serve a small company on a database that is gone afterwards
	scripts/console build-if-possible
	cargo run --release --locked -p umbel -- demo

run: ## serve on ./umbel-data/umbel.db
	scripts/console build-if-possible
	cargo run --release --locked -p umbel -- serve

test: ## set up and run every test on both engines, the official clients and the console in a browser included
	scripts/setup
	scripts/with-postgres sh -c 'cargo test --workspace --locked && export UMBEL_BIN=$${CARGO_TARGET_DIR:-target}/debug/umbel && scripts/compat && scripts/console test-quick'

test-deep: ## the same with the tests that take minutes, and a trial of the measurement
	scripts/setup
	UMBEL_TEST_DEEP=1 scripts/with-postgres sh -c 'cargo test --workspace --locked -- --include-ignored && export UMBEL_BIN=$${CARGO_TARGET_DIR:-target}/debug/umbel && scripts/compat && scripts/console test-deep'
	SIZE=small cargo run --release --locked -p umbel-bench >/dev/null

check: ## formatting, lints, documentation, dependencies
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked --quiet
	scripts/deny
	scripts/setup console
	scripts/console check

fix: ## format, apply what the lints suggest, write the generated files anew
	cargo clippy --workspace --all-targets --locked --fix --allow-dirty --allow-staged
	cargo fmt --all
	UPDATE=1 INSTA_UPDATE=always scripts/with-postgres cargo test --workspace --locked --quiet --no-fail-fast -- committed up_to_date

bench: ## measure, about ten minutes; SIZE=full for the stated sizes, PART=name for one part
	cargo run --release --locked -p umbel-bench
