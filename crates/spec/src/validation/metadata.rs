//! Name, labels, version and cloud of a cluster.

use super::checker::Checker;
use super::facts::ClusterFacts;
use crate::channel::Channel;
use crate::cloud::Cloud;
use crate::formats::{Format, label_key_error, label_value_error};
use crate::labels::IMPORTED;
use crate::v1alpha2::{CloudConfiguration, Cluster, DnsType};
use crate::versions::{KubernetesVersion, NEWEST_SUPPORTED, OLDEST_RECOMMENDED, OLDEST_SUPPORTED};
use kopsform_diagnostics::Rule;
use kopsform_env::features::Feature;

/// Clouds that kops runs on, or ran on, which are not supported.
const OTHER_CLOUDS: [&str; 10] = [
    "alicloud",
    "azure",
    "baremetal",
    "digitalocean",
    "hetzner",
    "linode",
    "metal",
    "openstack",
    "scaleway",
    "vsphere",
];

pub(super) fn check_cluster(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts) {
    name(cx, cluster);
    labels(cx, cluster);
    version(cx, facts);
    match cluster.spec.cloud_provider.as_str() {
        known if Cloud::named(known).is_some() => {}
        "" => cx.required(
            "spec.cloudProvider",
            ("the cloud is missing", "add `cloudProvider: aws` or `cloudProvider: gce`"),
        ),
        other if OTHER_CLOUDS.contains(&other) => cx.error(
            Rule::UnsupportedCloud,
            "spec.cloudProvider",
            (format!("{other} is not supported, only aws and gce are"), "stay with kops for this cluster"),
        ),
        other => {
            let note = (format!("unknown cloud {other:?}"), "write cloudProvider: aws, or cloudProvider: gce");
            cx.error(Rule::UnknownValue, "spec.cloudProvider", note);
        }
    }
    if let Some(cloud) = &cluster.spec.cloud_config {
        spot_ocean(cx, cloud);
    }
    state_addresses(cx, cluster);
    if cluster.spec.docker.is_some() {
        let hint = "remove it; the container runtime is configured in spec.containerd";
        cx.error(
            Rule::RemovedField,
            "spec.docker",
            ("Docker as container runtime was removed in Kubernetes 1.24", hint),
        );
    }
    if cluster.spec.container_runtime == "docker" {
        let message = "Docker as container runtime was removed in Kubernetes 1.24";
        cx.error(Rule::RemovedField, "spec.containerRuntime", (message, "remove it: containerd is always used"));
    }
    if cluster.spec.node_authorization.is_some() {
        let message = "node authorization was removed: kops-controller authorizes nodes";
        cx.error(Rule::RemovedField, "spec.nodeAuthorization", (message, "remove it"));
    }
}

/// Settings of a product that is not supported.
fn spot_ocean(cx: &mut Checker<'_>, cloud: &CloudConfiguration) {
    for (field, given) in
        [("spotinstProduct", &cloud.spotinst_product), ("spotinstOrientation", &cloud.spotinst_orientation)]
    {
        if given.is_some() {
            let note = ("Spot Ocean is not supported", "use groups with maxPrice, or Karpenter");
            cx.strict(Rule::UnsupportedField, format_args!("spec.cloudConfig.{field}"), note);
        }
    }
}

/// A spec that was copied from another cluster often keeps the address of that cluster's state.
fn state_addresses(cx: &mut Checker<'_>, cluster: &Cluster) {
    let (name, spec) = (&cluster.metadata.name, &cluster.spec);
    for (path, address) in [
        ("spec.configBase", &spec.config_base),
        ("spec.keyStore", &spec.key_store),
        ("spec.secretStore", &spec.secret_store),
    ] {
        if !address.is_empty() && !name.is_empty() && !address.split('/').any(|part| part == name) {
            let message = format!("{address} does not name the cluster {name}: is it that of another cluster?");
            cx.warning(
                Rule::ForeignAddress,
                path,
                (message, "put the state of each cluster into a directory with its name"),
            );
        }
    }
}

/// Labels and annotations have the syntax of Kubernetes.
fn labels(cx: &mut Checker<'_>, cluster: &Cluster) {
    let metadata = &cluster.metadata;
    for (key, value) in &metadata.labels {
        if let Some(error) = label_key_error(key).or_else(|| label_value_error(value)) {
            cx.error(
                Rule::BadLabel,
                format_args!("metadata.labels[{key:?}]"),
                (error, "such as example.com/team: platform"),
            );
        }
    }
    for key in metadata.annotations.keys() {
        if let Some(error) = label_key_error(key) {
            cx.error(
                Rule::BadLabel,
                format_args!("metadata.annotations[{key:?}]"),
                (error, "such as example.com/note"),
            );
        }
    }
}

fn name(cx: &mut Checker<'_>, cluster: &Cluster) {
    let name = &cluster.metadata.name;
    if name.is_empty() {
        return cx
            .required("metadata.name", ("the cluster has no name", "give it a DNS name such as demo.example.com"));
    }
    if let Some(Err(error)) = Format::named("dns-name").map(|f| f.check(name)) {
        let hint = error.hint.unwrap_or_else(|| {
            "lower-case letters, digits, hyphens and dots, a letter or digit at both ends of each part".to_owned()
        });
        return cx.error(
            Rule::BadName,
            "metadata.name",
            (format!("the cluster's name {name:?} is not a DNS name"), hint),
        );
    }
    let imported = cluster.metadata.annotations.get(IMPORTED.0).is_some_and(|value| value == IMPORTED.1);
    if !name.contains('.') && cluster.dns_type() != DnsType::None && !imported {
        let message = format!("the cluster's name {name} has no domain");
        cx.error(
            Rule::BadName,
            "metadata.name",
            (message, format!("such as {name}.example.com, or {name}.k8s.local without DNS")),
        );
    }
}

/// The release of a minor that the stable channel recommends, or its first one.
fn newest_patch(minor: &str, version: &KubernetesVersion) -> String {
    let recommended = Channel::stable().kubernetes_advice(version.version());
    let recommended = recommended.and_then(|advice| advice.recommended_over(version.version()));
    match recommended.filter(|release| release.minor == version.minor()) {
        Some(release) => release.to_string(),
        None if minor.contains('.') => format!("{minor}.0"),
        None => format!("{}.{}.0", NEWEST_SUPPORTED.0, NEWEST_SUPPORTED.1),
    }
}

fn version(cx: &mut Checker<'_>, facts: &ClusterFacts) {
    const PATH: &str = "spec.kubernetesVersion";
    let Some(version) = &facts.version else { return };
    if !version.names_release() {
        let message = format!("{:?} does not name a release: the patch is missing", version.to_string());
        let text = version.to_string();
        let hint = format!("such as {}", newest_patch(text.trim().trim_start_matches('v'), version));
        cx.error(Rule::BadVersion, PATH, (message, hint));
    }
    let release = (version.version().major, version.minor());
    let (oldest, newest) = (OLDEST_SUPPORTED, NEWEST_SUPPORTED);
    if release < oldest {
        let message = format!("Kubernetes {version} is no longer supported");
        cx.error(Rule::UnsupportedVersion, PATH, (message, format!("upgrade to {}.{} or later", oldest.0, oldest.1)));
    } else if release > newest {
        let message = format!("Kubernetes {version} is newer than kops {} supports", crate::KOPS_VERSION);
        let hint = format!("the newest is {}.{}", newest.0, newest.1);
        if cx.features.enabled(Feature::RunTooNewVersion) {
            cx.warning(Rule::UnsupportedVersion, PATH, (message, hint));
        } else {
            cx.error(Rule::UnsupportedVersion, PATH, (message, hint));
        }
    } else if release < OLDEST_RECOMMENDED {
        let message = format!("the next kops release no longer supports Kubernetes {version}");
        cx.warning(Rule::OldVersion, PATH, (message, "upgrade one minor release at a time"));
    }
}
