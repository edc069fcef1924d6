//! Which cloud the objects of files are for.
//!
//! A cluster names its cloud, and a group names its cluster. A group whose cluster is not in the files may hold what any cloud
//! accepts; [`of_cloud`] reports the rest once its cluster is known.

use std::collections::{BTreeSet, HashMap};

use kopsform_diagnostics::Report;
use kopsform_yaml::{Document, Node};

use super::{ApiObject, Decoded, How, Strictness, visitor_of};
use crate::cloud::Cloud;
use crate::labels::CLUSTER;
use crate::v1alpha2::Cluster;

/// The clouds of the clusters in files.
#[derive(Debug, Default)]
pub(super) struct Clouds {
    by_cluster: HashMap<String, Option<Cloud>>,
}

impl Clouds {
    pub(super) fn of<'d>(documents: impl IntoIterator<Item = &'d Document>) -> Self {
        let clusters = documents.into_iter().filter(|document| text(&document.root, &["kind"]) == Cluster::KIND);
        let cloud = |document: &Document| {
            let name = text(&document.root, &["metadata", "name"]).to_owned();
            (name, Cloud::named(text(&document.root, &["spec", "cloudProvider"])))
        };
        Self { by_cluster: clusters.map(cloud).collect() }
    }

    /// The cloud of a document: its own, that of its cluster, or the one that all clusters in the files are on.
    pub(super) fn of_document(&self, document: &Document) -> Option<Cloud> {
        if text(&document.root, &["kind"]) == Cluster::KIND {
            return Cloud::named(text(&document.root, &["spec", "cloudProvider"]));
        }
        if let Some(cloud) = self.by_cluster.get(text(&document.root, &["metadata", "labels", CLUSTER])) {
            return *cloud;
        }
        let clouds: BTreeSet<Option<Cloud>> = self.by_cluster.values().copied().collect();
        clouds.first().copied().filter(|_| clouds.len() == 1).flatten()
    }
}

fn text<'n>(root: &'n Node, path: &[&str]) -> &'n str {
    path.iter().try_fold(root, |node, key| node.get(key)).and_then(Node::text).unwrap_or_default()
}

/// What a cloud does not accept in an object that was decoded without its cluster; nothing for other objects.
pub fn of_cloud<T: ApiObject>(decoded: &Decoded<T>, strictness: Strictness, cloud: Option<Cloud>) -> Report {
    let Some((document, cloud)) = decoded.locations.of_any_cloud().zip(cloud) else { return Report::default() };
    let findings = |cloud: Option<Cloud>| {
        let mut report = Report::default();
        let how = How { strictness, cloud, several: false };
        // Only what it reports matters here.
        let _ = visitor_of::<T>(document, how, &mut report).visit(&document.root);
        report
    };
    let known = findings(None);
    let mut report = findings(Some(cloud));
    report.findings.retain(|finding| {
        !known.findings.iter().any(|other| other.path == finding.path && other.message == finding.message)
    });
    report
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::{Decoding, decode, decode_files};
    use super::*;
    use crate::v1alpha2::InstanceGroup;

    fn cluster(name: &str, cloud: &str) -> String {
        format!(
            "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nmetadata:\n  name: {name}\nspec:\n  cloudProvider: {cloud}\n"
        )
    }

    fn group(cluster: &str, spec: &str) -> String {
        format!(
            "apiVersion: kops.k8s.io/v1alpha2\nkind: InstanceGroup\nmetadata:\n  name: nodes\n  labels:\n    \
             kops.k8s.io/cluster: {cluster}\nspec: {spec}\n"
        )
    }

    fn paths(decoding: &Decoding) -> Vec<&str> {
        decoding.report.findings.iter().map(|finding| finding.path.as_str()).collect()
    }

    #[test]
    fn groups_are_checked_for_the_cloud_of_their_cluster_in_any_file() {
        let clusters = [cluster("a.example.com", "gce"), cluster("b.example.com", "aws")].join("---\n");
        let on_gce = group("a.example.com", "{rootVolumeType: gp3, zones: [us-central1-a]}");
        let on_aws = group("b.example.com", "{rootVolumeType: gp3, zones: [us-central1-a]}");
        let files = [("clusters", clusters.as_str()), ("a", &on_gce), ("b", &on_aws)];
        let decodings = decode_files(files, Strictness::Strict);
        assert_eq!(paths(&decodings[0]), Vec::<&str>::new());
        assert_eq!(paths(&decodings[1]), ["spec.rootVolumeType"]);
        assert_eq!(paths(&decodings[2]), ["spec.zones[0]"]);
    }

    #[test]
    fn groups_alone_may_hold_what_any_cloud_accepts_until_their_cluster_is_known() {
        let text = group("a.example.com", "{rootVolumeType: pd-ssd, volumes: [{device: /dev/sdb, size: 1}]}");
        let decoding = decode("f", &text, Strictness::Strict);
        assert_eq!(paths(&decoding), Vec::<&str>::new());
        let decoded: &Decoded<InstanceGroup> = decoding.instance_groups().next().unwrap();
        let later = |cloud| {
            let report = of_cloud(decoded, Strictness::Strict, Some(cloud));
            report.findings.iter().map(|finding| finding.path.clone()).collect::<Vec<_>>()
        };
        assert_eq!(later(Cloud::Aws), ["spec.rootVolumeType"]);
        assert_eq!(later(Cloud::Gce), ["spec.volumes"]);
        assert!(of_cloud(decoded, Strictness::Strict, None).is_empty());
    }

    #[test]
    fn fields_of_other_clouds_are_refused_or_have_no_effect() {
        let text = cluster("a.example.com", "gce") + "  networkCIDR: 10.0.0.0/16\n  additionalPolicies: {node: '[]'}\n";
        let decoding = decode("f", &text, Strictness::Lenient);
        assert_eq!(paths(&decoding), ["spec.networkCIDR", "spec.additionalPolicies"]);
        assert_eq!((decoding.report.error_count(), decoding.report.warning_count()), (1, 1));
        assert!(decode("f", &text, Strictness::Stored).report.is_empty());
    }
}
