//! `upgrade cluster`: upgrades specs to the versions and images that a channel recommends.
//!
//! [`plan`] is pure; [`read`] finds its inputs, and [`apply`] stores its result.

use semver::Version;
use serde::Serialize;

use super::support::channel::{self, ChannelError};
use super::support::facts::FactFinder;
use super::support::stored_metadata;
use kopsform_diagnostics::{Explain, Report};
use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_model::defaults::google_architecture;
use kopsform_model::facts::{Facts, LookupError, Needs, architecture_of, region_of};
use kopsform_spec::channel::{Channel, DEFAULT_CHANNEL};
use kopsform_spec::cloud::Cloud;
use kopsform_spec::decode::{Decoded, Locations, Strictness};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};
use kopsform_spec::validation::{Rules, Scope, Specs, validate};
use kopsform_spec::versions::{KubernetesVersion, ParseVersionError, parse_tolerant};
use kopsform_state::{
    CONFIG, ClusterStore, CommitError, Holder, Read, ReadError, StateStore, Write, commit, encode, instance_group_key,
};

/// Images that channels have recommended: a group with one of these has no custom image.
const CHANNEL_IMAGES: [&str; 6] = [
    "kope.io/k8s-",
    "cos-cloud/cos-stable-",
    "ubuntu-os-cloud/ubuntu-",
    "099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-",
    "099720109477/ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-",
    "099720109477/ubuntu/images/hvm-ssd/ubuntu-focal-20.04-",
];

/// Why nothing was upgraded.
#[derive(Debug, thiserror::Error)]
pub enum UpgradeError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Channel(#[from] ChannelError),
    #[error("cannot parse KubernetesVersion: {0}")]
    Version(#[from] ParseVersionError),
    /// The architectures of instance types are not known.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    #[error("validation failed: {0}")]
    Invalid(Report),
    #[error("cannot store {object}: {reason}")]
    Encode { object: String, reason: String },
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl Explain for UpgradeError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read(e) => e.hints(),
            Self::Channel(e) => e.hints(),
            Self::Version(_) => vec!["set --kubernetes-version to a release such as 1.36.0".to_owned()],
            Self::Lookup(e) => e.hints(),
            Self::Invalid(e) => e.hints(),
            Self::Encode { .. } => Vec::new(),
            Self::Commit(e) => e.hints(),
        }
    }
}

/// Options of an upgrade.
#[derive(Debug, Clone, Default)]
pub struct UpgradeOptions {
    /// Instead of the cluster's.
    pub channel: Option<String>,
    /// Instead of the channel's.
    pub kubernetes_version: Option<String>,
}

/// One change of the specs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Action {
    /// `Cluster`, `InstanceGroup/<name>`.
    pub item: String,
    /// `Channel`, `KubernetesVersion`, `Image`.
    pub property: &'static str,
    /// The current value.
    pub old: String,
    /// The new value.
    pub new: String,
}

/// A planned upgrade.
#[derive(Debug, Clone)]
pub struct Upgrade {
    /// Empty if nothing is newer.
    pub actions: Vec<Action>,
    pub warnings: Vec<String>,
    /// The cluster with the changes.
    pub cluster: Cluster,
    /// The instance groups with the changes.
    pub groups: Vec<InstanceGroup>,
}

/// The stored specs, and what an upgrade of them depends on.
pub struct Current {
    store: ClusterStore,
    cluster: Read<Cluster>,
    groups: Vec<Read<InstanceGroup>>,
    location: String,
    channel: Channel,
    facts: Facts,
}

/// Reads the specs and the channel, and looks up instance types.
///
/// # Errors
/// If any of them cannot be read.
pub async fn read(
    state: &StateStore,
    name: &str,
    options: &UpgradeOptions,
    finder: &mut FactFinder,
    environment: &Environment,
) -> Result<Current, UpgradeError> {
    let (store, cluster) = ClusterStore::load(state, name).await?;
    let groups = store.instance_groups().await?;
    let named = options.channel.as_deref().unwrap_or(&cluster.object.spec.channel);
    let location = if named.is_empty() { DEFAULT_CHANNEL } else { named }.to_owned();
    let channel = channel::load(&location, finder.is_offline(), environment).await?;
    let types = groups.iter().flat_map(|read| first_type(&read.object)).map(str::to_owned);
    // The architecture of machine types of Google Cloud is known from their names.
    let types = types.filter(|_| !cluster.object.is_on_gce()).collect();
    // A type that the region lacks is left out, and its group is reported with a warning.
    let needs = Needs { region: region_of(&cluster.object), candidate_types: types, ..Needs::default() };
    let facts = finder.find(&needs).await?.clone();
    Ok(Current { store, cluster, groups, location, channel, facts })
}

impl Current {
    /// Plans the upgrade.
    ///
    /// # Errors
    /// If the requested version is invalid.
    pub fn plan(&self, options: &UpgradeOptions) -> Result<Upgrade, UpgradeError> {
        let groups: Vec<_> = self.groups.iter().map(|read| read.object.clone()).collect();
        plan(&self.cluster.object, &groups, (&self.location, &self.channel), options, &self.facts)
    }

    /// Stores all changes of an upgrade or, on an error, none.
    ///
    /// # Errors
    /// If the changed specs are invalid or cannot be written.
    pub async fn apply(
        self,
        state: &StateStore,
        upgrade: Upgrade,
        (environment, now): (&Environment, jiff::Timestamp),
        holder: &Holder,
    ) -> Result<(), UpgradeError> {
        check(&upgrade, &Features::from_environment(environment))?;
        let failed = |object: &str| {
            let object = object.to_owned();
            move |reason| UpgradeError::Encode { object, reason }
        };
        let mut writes = Vec::new();
        let name = self.store.name().to_owned();
        if upgrade.cluster != self.cluster.object {
            let base = state.url().join(&name);
            let new = stored_metadata::cluster_to_store(&upgrade.cluster, Some(&self.cluster.object), &base, now);
            let object = format!("Cluster/{name}");
            writes.push(Write {
                store: self.store.registry().clone(),
                key: CONFIG.to_owned(),
                private: false,
                before: Some(self.cluster.stored),
                after: Some(encode(&new).map_err(failed(&object))?),
                object,
            });
        }
        for (old, new) in self.groups.into_iter().zip(&upgrade.groups).filter(|(old, new)| old.object != **new) {
            let object = format!("InstanceGroup/{}", new.metadata.name);
            let stored = stored_metadata::instance_group_to_store(new, Some(&old.object), now);
            writes.push(Write {
                store: self.store.registry().clone(),
                key: instance_group_key(&new.metadata.name),
                private: false,
                before: Some(old.stored),
                after: Some(encode(&stored).map_err(failed(&object))?),
                object,
            });
        }
        Ok(commit(state, &name, writes, holder).await?)
    }
}

fn check(upgrade: &Upgrade, features: &Features) -> Result<(), UpgradeError> {
    let cluster = Decoded { object: upgrade.cluster.clone(), locations: Locations::none() };
    let decoded = |group: &InstanceGroup| Decoded { object: group.clone(), locations: Locations::none() };
    let groups: Vec<_> = upgrade.groups.iter().map(decoded).collect();
    let groups = groups.iter().collect();
    let specs = Specs { cluster: &cluster, groups, additional: Vec::new(), scope: Scope::Whole };
    let report = validate(&specs, &Rules { strictness: Strictness::Lenient, features });
    if report.has_errors() { Err(UpgradeError::Invalid(report)) } else { Ok(()) }
}

/// Plans an upgrade from the specs, a channel with its name, and the architectures of instance types.
///
/// # Errors
/// If the requested version is invalid.
pub fn plan(
    cluster: &Cluster,
    groups: &[InstanceGroup],
    (location, channel): (&str, &Channel),
    options: &UpgradeOptions,
    facts: &Facts,
) -> Result<Upgrade, UpgradeError> {
    let (mut cluster, mut groups) = (cluster.clone(), groups.to_vec());
    let (mut actions, mut warnings) = (Vec::new(), Vec::new());
    if cluster.spec.channel != location {
        let old = std::mem::replace(&mut cluster.spec.channel, location.to_owned());
        actions.push(Action { item: "Cluster".to_owned(), property: "Channel", old, new: location.to_owned() });
    }
    let current = KubernetesVersion::parse(&cluster.spec.kubernetes_version).ok().map(|v| v.version().clone());
    if current.is_none() {
        warnings.push(format!("spec.kubernetesVersion {:?} is not a version", cluster.spec.kubernetes_version));
    }
    let mut proposed = match &options.kubernetes_version {
        Some(version) => Some(KubernetesVersion::parse(version)?.version().clone()),
        None => proposal(channel, current.as_ref(), &mut warnings),
    };
    if let (Some(current), Some(new)) = (&current, &proposed) {
        if current > new {
            warnings.push(format!("the cluster's version {current} is newer than {new} and is kept"));
            proposed = Some(current.clone());
        } else if current < new {
            let old = std::mem::replace(&mut cluster.spec.kubernetes_version, new.to_string());
            let new = new.to_string();
            actions.push(Action { item: "Cluster".to_owned(), property: "KubernetesVersion", old, new });
        }
    }
    let on = cluster.cloud().unwrap_or(Cloud::Aws);
    if let Some(version) = proposed.or(current) {
        for group in &mut groups {
            upgrade_image(on, group, (channel, &version), facts, &mut actions, &mut warnings);
        }
    }
    Ok(Upgrade { actions, warnings, cluster, groups })
}

/// The version to upgrade to: the channel's for this minor release, or for the next one if the node software supports it.
fn proposal(channel: &Channel, current: Option<&Version>, warnings: &mut Vec<String>) -> Option<Version> {
    let Some(current) = current else { return channel.recommended_kubernetes_version() };
    let recommended = |version: &Version| {
        channel.kubernetes_advice(version).and_then(|advice| parse_tolerant(&advice.recommended_version))
    };
    let Some(same_minor) = recommended(current) else {
        warnings.push(format!("the channel has no recommendation for Kubernetes {current}"));
        return None;
    };
    let next = Version::new(same_minor.major, same_minor.minor + 1, 0);
    let runs = Version::parse(kopsform_spec::KOPS_VERSION).is_ok_and(|own| next <= own);
    Some(if runs { recommended(&next) } else { None }.unwrap_or(same_minor))
}

fn first_type(group: &InstanceGroup) -> Option<&str> {
    group.spec.machine_type.split(',').map(str::trim).next().filter(|name| !name.is_empty())
}

/// Sets the channel's image of a group, unless it has a custom image.
fn upgrade_image(
    cloud: Cloud,
    group: &mut InstanceGroup,
    (channel, version): (&Channel, &Version),
    facts: &Facts,
    actions: &mut Vec<Action>,
    warnings: &mut Vec<String>,
) {
    let name = &group.metadata.name;
    let own = !group.spec.image.is_empty() && !CHANNEL_IMAGES.iter().any(|start| group.spec.image.starts_with(start));
    if own {
        warnings.push(format!("instance group {name} has a custom image, {}, which is kept", group.spec.image));
        return;
    }
    let architecture = match first_type(group) {
        None => Some("amd64"),
        Some(machine) if cloud == Cloud::Gce => Some(google_architecture(machine)),
        Some(machine) => facts.instance_types.get(machine).map(architecture_of),
    };
    let Some(architecture) = architecture else {
        warnings.push(format!("instance group {name}: unknown architecture of {}", group.spec.machine_type));
        return;
    };
    let Some(image) = channel.image_of(cloud.name(), version, architecture) else {
        warnings.push(format!("the channel has no {architecture} image for Kubernetes {version}"));
        return;
    };
    if group.spec.image != image {
        let old = std::mem::replace(&mut group.spec.image, image.to_owned());
        let item = format!("InstanceGroup/{name}");
        actions.push(Action { item, property: "Image", old, new: image.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use kopsform_model::facts::InstanceTypeFact;

    fn specs(version: &str, image: &str) -> (Cluster, Vec<InstanceGroup>) {
        let mut cluster = Cluster::default();
        cluster.spec.channel = "stable".to_owned();
        cluster.spec.kubernetes_version = version.to_owned();
        let mut group = InstanceGroup::default();
        group.metadata.name = "nodes".to_owned();
        group.spec.machine_type = "m6g.large".to_owned();
        group.spec.image = image.to_owned();
        (cluster, vec![group])
    }

    fn facts() -> Facts {
        let fact = InstanceTypeFact { architectures: vec!["arm64".to_owned()], ..InstanceTypeFact::default() };
        Facts { instance_types: [("m6g.large".to_owned(), fact)].into(), ..Facts::default() }
    }

    fn channel() -> Channel {
        let text = "spec:\n  images:\n  - {name: new-arm64, providerID: aws, architectureID: arm64, kubernetesVersion: '>=1.32.0'}\n  \
                    kubernetesVersions:\n  - {range: '>=1.36.0', recommendedVersion: 1.36.1}\n  \
                    - {range: '>=1.35.0', recommendedVersion: 1.35.5}\n  - {range: '>=1.34.0', recommendedVersion: 1.34.8}\n";
        Channel::parse("channel", text).unwrap()
    }

    fn upgraded(version: &str, image: &str, options: &UpgradeOptions) -> Upgrade {
        let (cluster, groups) = specs(version, image);
        plan(&cluster, &groups, ("stable", &channel()), options, &facts()).unwrap()
    }

    fn changes(upgrade: &Upgrade) -> Vec<(&str, &str, &str)> {
        upgrade.actions.iter().map(|a| (a.item.as_str(), a.property, a.new.as_str())).collect()
    }

    #[test]
    fn groups_on_google_cloud_get_its_images() {
        let (mut cluster, mut groups) = specs("1.34.2", "ubuntu-os-cloud/ubuntu-2204-jammy-v20250615");
        cluster.spec.cloud_provider = "gce".to_owned();
        groups[0].spec.machine_type = "e2-medium".to_owned();
        let upgrade =
            plan(&cluster, &groups, ("stable", Channel::stable()), &UpgradeOptions::default(), &Facts::default())
                .unwrap();
        let image = &upgrade.groups[0].spec.image;
        assert!(image.starts_with("ubuntu-os-cloud/ubuntu-2404-noble-amd64-"), "{image}");
    }

    #[test]
    fn versions_go_up_one_minor_release_at_most() {
        let options = UpgradeOptions::default();
        let upgrade = upgraded("1.34.1", "new-arm64-own", &options);
        assert_eq!(changes(&upgrade), [("Cluster", "KubernetesVersion", "1.35.5")]);
        assert_eq!(upgrade.cluster.spec.kubernetes_version, "1.35.5");
        assert!(upgrade.warnings[0].contains("custom image"), "{:?}", upgrade.warnings);
        // The node software does not support a later minor release.
        assert_eq!(changes(&upgraded("1.36.0", "x", &options)), [("Cluster", "KubernetesVersion", "1.36.1")]);
        assert!(upgraded("1.36.1", "x", &options).actions.is_empty());
    }

    #[test]
    fn nothing_goes_down() {
        let upgrade = upgraded("1.36.9", "x", &UpgradeOptions::default());
        assert!(upgrade.actions.is_empty(), "{:?}", upgrade.actions);
        assert!(upgrade.warnings[0].contains("1.36.9"), "{:?}", upgrade.warnings);
        let older = UpgradeOptions { kubernetes_version: Some("1.33.0".to_owned()), channel: None };
        assert!(upgraded("1.34.1", "x", &older).actions.is_empty());
    }

    #[test]
    fn groups_that_chose_no_image_get_the_channel_s() {
        let chosen = UpgradeOptions { kubernetes_version: Some("1.34.2".to_owned()), channel: None };
        for image in ["", "099720109477/ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-arm64-server-1"] {
            let upgrade = upgraded("1.34.2", image, &chosen);
            assert_eq!(changes(&upgrade), [("InstanceGroup/nodes", "Image", "new-arm64")]);
            assert_eq!(upgrade.groups[0].spec.image, "new-arm64");
        }
    }

    #[test]
    fn another_channel_is_a_change() {
        let (cluster, groups) = specs("1.36.1", "x");
        let upgrade = plan(&cluster, &groups, ("alpha", &channel()), &UpgradeOptions::default(), &facts()).unwrap();
        assert_eq!(changes(&upgrade), [("Cluster", "Channel", "alpha")]);
    }
}
