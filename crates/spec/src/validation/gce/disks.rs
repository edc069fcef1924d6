//! Disks: only some types have configurable IOPS and throughput.

use super::super::checker::Checker;
use kopsform_diagnostics::Rule;

/// Types with configurable IOPS.
const WITH_IOPS: [&str; 4] =
    ["pd-extreme", "hyperdisk-balanced", "hyperdisk-balanced-high-availability", "hyperdisk-extreme"];
/// Types with configurable throughput.
const WITH_THROUGHPUT: [&str; 3] =
    ["hyperdisk-balanced", "hyperdisk-balanced-high-availability", "hyperdisk-throughput"];

/// A disk as a spec describes it.
pub(super) struct Disk<'a> {
    /// Its type, default included.
    pub(super) kind: &'a str,
    pub(super) iops: Option<i32>,
    pub(super) throughput: Option<i32>,
}

/// Checks a disk whose IOPS and throughput are at two paths. kops passes them on, and Google refuses them.
pub(super) fn check(cx: &mut Checker<'_>, disk: &Disk<'_>, iops: &str, throughput: &str) {
    let parts =
        [(disk.iops, iops, "IOPS", &WITH_IOPS[..]), (disk.throughput, throughput, "throughput", &WITH_THROUGHPUT)];
    for (given, path, what, kinds) in parts {
        if given.is_some_and(|value| value > 0) && !kinds.contains(&disk.kind) {
            let message = format!("disks of type {} have no configurable {what}", disk.kind);
            cx.strict(Rule::Conflict, path, (message, "remove it, or use hyperdisk-balanced"));
        }
    }
}
