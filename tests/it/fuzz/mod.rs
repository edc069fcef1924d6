//! Fuzz targets: one per parser of files that others write. No input makes a parser panic or take long, and what is printed
//! reads back the same.
//!
//! | parser | target |
//! |---|---|
//! | templates | `templates` |
//! | YAML | `yaml` |
//! | specs | `specs` |
//! | lock files | `lock_files` |
//! | keysets | `keysets` |
//! | kubeconfig | `kubeconfigs` |
//! | journals of rolling updates | `journals` |
//! | manifests of output directories | `manifests` |
//! | plans of Terraform | `plans` |
//! | printed HCL | `hcl` |
//!
//! `KOPSFORM_FUZZ_CASES` is the number of inputs for each, 32 by default.

mod input;
mod json;
mod keysets;
mod kubeconfigs;
mod printed;
mod text;
