# Shortcuts for working on Cellhouse. `just` without a name lists them.

_default:
    @just --list

# build and run an example
try folder="examples/state":
    ./try {{folder}}

# all tests, as the continuous integration runs them
test *arguments:
    ./test {{arguments}}

# what a change must pass before it is sent: format and lints
check:
    cargo fmt --all --check
    cargo clippy --release --locked --workspace --all-targets -- -D warnings

# write env.d.ts of every example anew
types:
    for folder in examples/*/; do target/release/cellhouse types "$folder"; done
