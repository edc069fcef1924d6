//! kopsform: cluster specs in, modern Terraform out, without the kops binary.
//!
//! The way of the data, in order:
//!
//! 1. [`project`]: the file `kopsform.yaml`, which says where outputs, templates, store and results are.
//! 2. [`template`]: Go templates with sprig; text that knows which template each part comes from.
//! 3. [`yaml`]: text to a tree in which each value knows its line and column, and back to text in kops' order of keys.
//! 4. [`api`]: the tree to typed clusters and instance groups; defaults, validation, schemas, channels.
//! 5. [`lookup`]: what only the outside knows (images, zones, VPCs, hashes), live or from `kopsform.lock`.
//! 6. [`model`] and [`nodeup`]: completed specs and facts to a graph of typed resources and managed files, among them what
//!    an instance reads at boot; [`assets`] says where downloads and images come from.
//! 7. [`terraform`]: the graph to HCL and `data/`, written whole or not at all.
//! 8. [`state`] and [`pki`]: specs, keysets and secrets in an `s3://` or `file://` store, in kops' formats, with locks.
//! 9. `cloud`, `kube`, [`rolling`], [`teardown`]: what runs in AWS and Kubernetes, how it is replaced and how it is removed;
//!    [`kubeconfig`] tells kubectl about it.
//!
//! [`ops`] has a file for each operation over these, [`cli`] one for each command over `ops`. [`diagnostics`] is how both
//! tell mistakes, [`env`](mod@env) and [`features`] what the surroundings say, [`exit`] how the program ends, [`changes`] what differs
//! between two texts. ARCHITECTURE.md has the rules and a table of every file that is read or written, with its owner.

pub mod cli;
pub mod ops;
pub mod project;
