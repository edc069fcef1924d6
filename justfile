# The recipes call the scripts, which also work without just.

# List the recipes
default:
    @just --list

# Run the main workflow on the example project
demo:
    scripts/demo

# Run every check, as continuous integration does
test:
    scripts/test

# Run the checks that need no AWS crates, servers or Terraform
quick:
    scripts/test quick

# Check the wording of documentation, messages and comments
words *paths:
    scripts/check-words {{paths}}

# Compare with what kops produced
conformance suite="../shared/conformance":
    scripts/conformance {{suite}}

# Regenerate goldens (by `kopsform golden update`), schemas and generated documentation
update:
    UPDATE_GOLDEN=1 cargo test

# Check licenses, advisories and duplicates of dependencies
deny:
    cargo deny --workspace check

# Build the book and check its links
docs *args:
    scripts/docs {{args}}

# Check the spelling of documentation, help and comments
spelling *paths:
    scripts/check-prose {{paths}}

# Build the files of a release into target/dist and check them
release *targets:
    scripts/release {{targets}}
    scripts/release --check
