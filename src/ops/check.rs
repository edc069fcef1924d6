//! Checks of what does not come from files: stored objects, and fields that are set one by one. Files are checked by
//! `spec_rules`.
//!
//! The rules are those of `validate spec`. What kops refuses is an error; what kops accepts and should not is a warning.
//! Stored objects are never refused for fields that a newer kops may have written.

use kopsform_diagnostics::{Report, Rule};
use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_spec::decode::{ApiObject, Decoded, Locations, Strictness, decode_one};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};
use kopsform_spec::validation::{Rules, Scope, Specs, tidy, validate};
use kopsform_state::{CONFIG, ClusterStore, Read, instance_group_key};

/// Checks a stored cluster with its groups; locations are those in the store.
pub fn stored(
    store: &ClusterStore,
    cluster: &Read<Cluster>,
    groups: &[Read<InstanceGroup>],
    environment: &Environment,
) -> Report {
    let mut report = Report::default();
    let url = |key: &str| store.registry().url(key);
    let cluster = reread(&url(CONFIG), &cluster.stored.bytes, &cluster.object, &mut report);
    let groups: Vec<_> = groups
        .iter()
        .map(|group| {
            let key = instance_group_key(&group.object.metadata.name);
            reread(&url(&key), &group.stored.bytes, &group.object, &mut report)
        })
        .collect();
    // A newer kops may have fields that are not known here.
    report.findings.retain(|finding| !matches!(finding.rule, Rule::UnknownField | Rule::DuplicateKey));
    whole(report, &cluster, &groups, environment)
}

fn whole(
    mut report: Report,
    cluster: &Decoded<Cluster>,
    groups: &[Decoded<InstanceGroup>],
    environment: &Environment,
) -> Report {
    let features = Features::from_environment(environment);
    let rules = Rules { strictness: Strictness::Lenient, features: &features };
    // The groups of a new cluster may come later.
    let scope = if groups.is_empty() { Scope::Partial } else { Scope::Whole };
    report.extend(validate(&Specs { cluster, groups: groups.iter().collect(), additional: Vec::new(), scope }, &rules));
    tidy(report)
}

/// An object with the locations in its file; findings about its values are added to the report.
fn reread<T: ApiObject + Clone>(name: &str, bytes: &[u8], object: &T, report: &mut Report) -> Decoded<T> {
    let text = String::from_utf8_lossy(bytes);
    let locations = match decode_one::<T>(name, &text, Strictness::Lenient) {
        Ok((decoded, found)) => {
            report.extend(found);
            decoded.locations
        }
        Err(found) => {
            report.extend(found);
            let decoded = decode_one::<T>(name, &text, Strictness::Stored);
            decoded.map_or_else(|_| Locations::none(), |(decoded, _)| decoded.locations)
        }
    };
    Decoded { object: object.clone(), locations }
}
