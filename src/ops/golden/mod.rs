//! Golden tests of clusters: a directory with a project and the files that it must render to.
//!
//! A case is a directory with a `kopsform.yaml`. Its inputs are the project's: templates, values, outputs from a file, the SSH
//! key, `kopsform.lock`. Its expected output is the project's output directory. Keysets come from `keysets/` in the case's
//! directory or the nearest one above: they are for tests only, and marked as such. Rendering needs no network, no credentials
//! and no clock, reads no environment variable, and writes nothing.
//!
//! - `cases` finds the cases below a directory.
//! - `keysets` reads and makes keysets; `store` is the state store that holds them, in memory.
//! - [`check`] renders and compares, [`render`](render()) formats the results, [`update`] writes what was rendered, [`init`] makes a case.

mod cases;
mod check;
mod error;
mod init;
mod keysets;
mod render;
mod report;
mod store;
mod update;

pub use cases::{Case, Filter, find};
pub use check::{CaseReport, Outcome, check};
pub use error::GoldenError;
pub use init::{Initialized, Source, init};
pub use report::{Format, Status, finding_lines, render, summary};
pub use update::{Updated, update};

/// What cases share, loaded once.
#[derive(Default)]
pub struct Shared {
    keysets: keysets::KeysetCache,
}
