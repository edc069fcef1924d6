//! `validate spec`: validates files without network, cloud or state store.
//!
//! - `rehearsal`: what `update cluster` would refuse;
//! - `render`: output formats.

mod rehearsal;
mod render;

pub use render::{Format, render};

use super::support::documents::InputFile;
use kopsform_diagnostics::{Allowed, Report};
use kopsform_env::features::Features;
use kopsform_model::facts::Facts;
use kopsform_spec::decode::{Decoded, Decoding, Strictness, decode_files};
use kopsform_spec::labels::CLUSTER;
use kopsform_spec::v1alpha2::InstanceGroup;
use kopsform_spec::validation::{Rules, tidy, validate_files};

/// How files are validated.
#[derive(Debug, Clone, Copy)]
pub struct ValidateOptions<'a> {
    /// kops' feature flags.
    pub features: &'a Features,
    /// Whether warnings are errors.
    pub strict: bool,
    /// Rules that are switched off.
    pub allowed: Allowed,
    /// Facts of a lock file.
    pub facts: Option<&'a Facts>,
}

/// Validates files that belong together. Specs without errors are also completed, as `update cluster` does.
pub fn run(files: &[InputFile], options: &ValidateOptions<'_>) -> Report {
    let (decodings, mut report) = check(files, options.features, Strictness::Strict);
    report.allow(options.allowed);
    if !report.has_errors() {
        for cluster in decodings.iter().flat_map(Decoding::clusters) {
            let name = &cluster.object.metadata.name;
            let own = |group: &&Decoded<InstanceGroup>| group.object.metadata.labels.get(CLUSTER) == Some(name);
            let groups: Vec<_> = decodings.iter().flat_map(Decoding::instance_groups).filter(own).collect();
            report.extend(rehearsal::check(cluster, &groups, options.facts, options.features));
        }
        report.allow(options.allowed);
        report = tidy(report);
    }
    if options.strict {
        report.make_strict();
    }
    report
}

/// Validates files that belong together, and returns their objects.
pub fn check(files: &[InputFile], features: &Features, strictness: Strictness) -> (Vec<Decoding>, Report) {
    let contents = files.iter().map(|file| (file.name.as_str(), file.content.as_str()));
    let mut decodings = decode_files(contents, strictness);
    let mut report = Report::default();
    for decoding in &mut decodings {
        report.extend(std::mem::take(&mut decoding.report));
    }
    report.extend(validate_files(&decodings, &Rules { strictness, features }));
    (decodings, tidy(report))
}
