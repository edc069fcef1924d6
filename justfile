# Recipes are the scripts' names; the scripts run without just as well.

# What there is
default:
    @just --list

# The main job on the example project
demo:
    scripts/demo

# Every check, as continuous integration runs them
test:
    scripts/test

# Checks without the AWS crates and without servers
quick:
    scripts/test quick

# Compare with what kops produced
conformance kit="../shared/conformance":
    scripts/conformance {{kit}}

# Write goldens, schemas and generated documents anew, to be reviewed as a diff
update:
    UPDATE_GOLDEN=1 cargo test

# Dependencies: licences, advisories, duplicates
deny:
    cargo deny check
