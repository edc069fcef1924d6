//! kopsform: a native kops for AWS. It reads cluster specs and writes Terraform, without the kops binary.
//!
//! The workspace, in the order of the data:
//!
//! 1. `kopsform-template`: Go templates with sprig. Renders YAML that knows which template each part comes from.
//! 2. `kopsform-yaml`: reads YAML into values with their line and column, and writes it in kops' order of keys.
//! 3. `kopsform-spec`: values to typed clusters and instance groups, with validation, schemas and channels.
//! 4. `kopsform-model`: completes specs with defaults and facts, which come from AWS or from `kopsform.lock`, and builds the
//!    graph of resources and managed files, including what instances read at boot. It is pure.
//! 5. `kopsform-terraform`: the graph to HCL and `data/`.
//! 6. `kopsform-pki` and `kopsform-state`: keysets, secrets and specs in a state store, in kops' formats, with locks.
//! 7. `kopsform-rolling`: how running instances are replaced and how a cluster is removed, through ports.
//! 8. `kopsform-aws` and `kopsform-kube`: these ports, lookups and the S3 store. `kopsform-kubeconfig`: kubectl's configuration.
//!
//! `kopsform-diagnostics` has findings, hints and exit codes; `kopsform-env` has environment variables and feature flags. Both are
//! used by all of the above.
//!
//! This package is the program:
//!
//! - [`cli`] has a file per command: its arguments, its help and one `run`. It prints, logs and asks questions.
//! - [`ops`] has a file per operation, which commands call. It has no command line and prints nothing.
//! - [`project`] is the file `kopsform.yaml`, the inputs and outputs of `kopsform sync`.
//!
//! ARCHITECTURE.md has the rules and a table of every file that is read or written, with its owner.

pub mod cli;
pub mod ops;
pub mod project;
