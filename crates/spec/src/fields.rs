//! Setting and clearing single fields by their path: `--set spec.kubelet.maxPods=200`, `--unset spec.sshAccess`.
//!
//! The paths are those of kops' own model of a cluster, not those of the files: there, networks are below `spec.networking` and
//! the addresses of stores below `spec.configStore`. A path of the files that means nothing in kops' model is refused, as kops
//! refuses it, with a hint to the one that is meant.

use serde::Serialize;
use serde_json::{Map, Value};

use super::decode::ApiObject;
use super::field_schema::{Field, FieldSchema};
use super::meta::{Duration, Quantity};
use kopsform_diagnostics::{Explain, nearest};

/// Why a field could not be set or cleared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// A `--set` without a value.
    #[error("unhandled field: {0:?}")]
    NoValue(String),
    /// A path that cannot be read.
    #[error("cannot parse field path {0:?}")]
    Path(String),
    /// The field does not exist.
    #[error("field {path} not found in {kind}")]
    NotFound {
        /// The path as it was given.
        path: String,
        /// `Cluster` or `InstanceGroup`.
        kind: &'static str,
        /// The path that was probably meant.
        meant: Option<String>,
    },
    /// A value of another kind.
    #[error("cannot set field {path:?}: cannot interpret {value:?} value as {expected}")]
    Value {
        /// The path.
        path: String,
        /// The value.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The object with the new value is not valid.
    #[error("cannot set {path}: {reason}")]
    Rejected {
        /// The last path that was set.
        path: String,
        /// The first thing that is wrong.
        reason: String,
    },
}

impl Explain for FieldError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::NoValue(_) => vec!["give path and value: --set spec.kubernetesVersion=1.34.0".to_owned()],
            Self::NotFound { meant: Some(meant), .. } => vec![format!("did you mean {meant}?")],
            _ => Vec::new(),
        }
    }
}

/// The paths of a field in kops' model and in files.
struct PathAlias {
    /// The path in kops' model.
    model: &'static str,
    /// The path in files.
    file: &'static str,
    /// Whether the value is inverted.
    inverted: bool,
}

const fn moved(model: &'static str, file: &'static str) -> PathAlias {
    PathAlias { model, file, inverted: false }
}

const fn inverted(model: &'static str, file: &'static str) -> PathAlias {
    PathAlias { model, file, inverted: true }
}

/// The fields of a cluster that have another path in files; longer paths first where one begins with another.
const CLUSTER_MOVES: &[PathAlias] = &[
    moved("spec.api.publicName", "spec.masterPublicName"),
    moved("spec.api.access", "spec.kubernetesApiAccess"),
    moved("spec.api.additionalSANs", "spec.additionalSans"),
    moved("spec.configStore.base", "spec.configBase"),
    moved("spec.configStore.keypairs", "spec.keyStore"),
    moved("spec.configStore.secrets", "spec.secretStore"),
    moved("spec.networking.topology.dns", "spec.topology.dns.type"),
    moved("spec.networking.topology", "spec.topology"),
    moved("spec.networking.networkID", "spec.networkID"),
    moved("spec.networking.networkCIDR", "spec.networkCIDR"),
    moved("spec.networking.additionalNetworkCIDRs", "spec.additionalNetworkCIDRs"),
    moved("spec.networking.subnets", "spec.subnets"),
    moved("spec.networking.egressProxy", "spec.egressProxy"),
    moved("spec.networking.nonMasqueradeCIDR", "spec.nonMasqueradeCIDR"),
    moved("spec.networking.podCIDR", "spec.podCIDR"),
    moved("spec.networking.serviceClusterIPRange", "spec.serviceClusterIPRange"),
    moved("spec.networking.isolateControlPlane", "spec.isolateMasters"),
    inverted("spec.networking.tagSubnets", "spec.DisableSubnetTags"),
    moved("spec.networking.amazonVPC", "spec.networking.amazonvpc"),
    moved("spec.networking.kubeRouter", "spec.networking.kuberouter"),
    inverted("spec.networking.cilium.masquerade", "spec.networking.cilium.disableMasquerade"),
    inverted("spec.networking.cilium.installIptablesRules", "spec.networking.cilium.IPTablesRulesNoinstall"),
    moved("spec.controlPlaneKubelet", "spec.masterKubelet"),
    moved("spec.externalDNS", "spec.externalDns"),
    moved("spec.authentication.oidc.clientID", "spec.kubeAPIServer.oidcClientID"),
    moved("spec.authentication.oidc.groupsClaims", "spec.kubeAPIServer.oidcGroupsClaim"),
    moved("spec.authentication.oidc.groupsPrefix", "spec.kubeAPIServer.oidcGroupsPrefix"),
    moved("spec.authentication.oidc.issuerURL", "spec.kubeAPIServer.oidcIssuerURL"),
    moved("spec.authentication.oidc.requiredClaims", "spec.kubeAPIServer.oidcRequiredClaim"),
    moved("spec.authentication.oidc.usernameClaim", "spec.kubeAPIServer.oidcUsernameClaim"),
    moved("spec.authentication.oidc.usernamePrefix", "spec.kubeAPIServer.oidcUsernamePrefix"),
    moved("spec.cloudProvider.aws.ebsCSIDriver", "spec.cloudConfig.awsEBSCSIDriver"),
    moved("spec.cloudProvider.aws.disableSecurityGroupIngress", "spec.cloudConfig.disableSecurityGroupIngress"),
    moved("spec.cloudProvider.aws.elbSecurityGroup", "spec.cloudConfig.elbSecurityGroup"),
    moved("spec.cloudProvider.aws.nlbSecurityGroupMode", "spec.cloudConfig.nlbSecurityGroupMode"),
    moved("spec.cloudProvider.aws.nodeIPFamilies", "spec.cloudConfig.nodeIPFamilies"),
    moved("spec.cloudProvider.aws.loadBalancerController", "spec.awsLoadBalancerController"),
    moved("spec.cloudProvider.aws.nodeTerminationHandler", "spec.nodeTerminationHandler"),
    moved("spec.cloudProvider.aws.podIdentityWebhook", "spec.podIdentityWebhook"),
    moved("spec.cloudProvider.aws.warmPool", "spec.warmPool"),
];

/// The fields of an instance group that have another path in files.
const GROUP_MOVES: &[PathAlias] = &[
    moved("spec.rootVolume.size", "spec.rootVolumeSize"),
    moved("spec.rootVolume.type", "spec.rootVolumeType"),
    moved("spec.rootVolume.iops", "spec.rootVolumeIops"),
    moved("spec.rootVolume.throughput", "spec.rootVolumeThroughput"),
    moved("spec.rootVolume.optimization", "spec.rootVolumeOptimization"),
    moved("spec.rootVolume.encryption", "spec.rootVolumeEncryption"),
    moved("spec.rootVolume.encryptionKey", "spec.rootVolumeEncryptionKey"),
];

/// Paths of files that kops accepts in `--set` too.
const SETTABLE: [&str; 5] = [
    "spec.masterPublicName",
    "spec.topology.dns.type",
    "spec.topology.bastion.loadBalancer.type",
    "spec.externalDns.provider",
    "spec.externalDns.priorityClassName",
];

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Field(String),
    Index(usize),
    All,
}

/// Clears fields and sets others, in that order, as kops does. `sets` are `path=value`.
///
/// # Errors
/// The first path or value that does not fit; the object is unchanged then.
pub fn change<T: ApiObject + Serialize>(object: &T, unsets: &[String], sets: &[String]) -> Result<T, FieldError> {
    let rejected = |path: &str, reason: String| FieldError::Rejected { path: path.to_owned(), reason };
    let mut value = serde_json::to_value(object).map_err(|error| rejected("", error.to_string()))?;
    let mut last = "";
    for unset in unsets {
        last = unset;
        let (path, _) = in_file::<T>(unset, false)?;
        let cleared = clear(&mut value, T::shape(), &steps(&path, unset)?);
        // What kops' model has below the field goes with it, wherever the file has it.
        let (prefix, moves) = aliases::<T>();
        let model = unset.strip_prefix(prefix).unwrap_or(unset);
        let mut is_known = cleared.is_ok();
        for step in moves.iter().filter(|step| below(step.model, model).is_some_and(|rest| !rest.is_empty())) {
            is_known |= clear(&mut value, T::shape(), &steps(step.file, unset)?).is_ok();
        }
        if !is_known {
            return Err(not_found::<T>(unset));
        }
    }
    for set in sets {
        let (given, text) = set.split_once('=').ok_or_else(|| FieldError::NoValue(set.clone()))?;
        last = given;
        let (path, inverted) = in_file::<T>(given, true)?;
        let text = if inverted { opposite(given, text)? } else { text.to_owned() };
        Setter { kind: T::KIND, given, text: &text }.walk(&mut value, T::shape(), &steps(&path, given)?)?;
    }
    let changed: Result<T, _> = serde_path_to_error::deserialize(value);
    let mut changed = changed.map_err(|error| rejected(last, error.to_string()))?;
    changed.convert();
    Ok(changed)
}

/// How paths of a kind may begin, and its fields that have another path in files.
fn aliases<T: ApiObject>() -> (&'static str, &'static [PathAlias]) {
    match T::KIND {
        "Cluster" => ("cluster.", CLUSTER_MOVES),
        _ => ("instancegroup.", GROUP_MOVES),
    }
}

/// The path of a field in files, and whether the value there is the opposite.
fn in_file<T: ApiObject>(given: &str, setting: bool) -> Result<(String, bool), FieldError> {
    let (prefix, moves) = aliases::<T>();
    let path = given.strip_prefix(prefix).unwrap_or(given);
    for step in moves {
        if let Some(rest) = below(path, step.model) {
            return Ok((format!("{}{rest}", step.file), step.inverted));
        }
    }
    if setting && SETTABLE.contains(&path) {
        return Ok((path.to_owned(), false));
    }
    match moves.iter().find_map(|step| below(path, step.file).map(|rest| format!("{}{rest}", step.model))) {
        Some(meant) => Err(FieldError::NotFound { path: given.to_owned(), kind: T::KIND, meant: Some(meant) }),
        None => Ok((path.to_owned(), false)),
    }
}

/// What follows a path's beginning, if it begins so: nothing, a further field, or an index.
fn below<'p>(path: &'p str, beginning: &str) -> Option<&'p str> {
    path.strip_prefix(beginning).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn steps(path: &str, given: &str) -> Result<Vec<Step>, FieldError> {
    let malformed = || FieldError::Path(given.to_owned());
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (name, mut indices) = part.split_at(part.find('[').unwrap_or(part.len()));
        if name.is_empty() {
            return Err(malformed());
        }
        steps.push(Step::Field(name.to_owned()));
        while !indices.is_empty() {
            let (index, rest) =
                indices.strip_prefix('[').and_then(|rest| rest.split_once(']')).ok_or_else(malformed)?;
            steps.push(if index == "*" { Step::All } else { Step::Index(index.parse().map_err(|_| malformed())?) });
            indices = rest;
        }
    }
    Ok(steps)
}

/// A field by its name in files, or by kops' own spelling, which differs in capitals only.
fn field<'s>(shape: &'s FieldSchema, name: &str) -> Option<(&'s str, &'s Field)> {
    let FieldSchema::Object(fields) = shape else { return None };
    let exact = fields.iter().find(|(known, _)| *known == name);
    // `targetGroupARN` for `targetGroupArn`: an abbreviation in capitals.
    let capitals = name.as_bytes().windows(2).any(|pair| pair.iter().all(u8::is_ascii_uppercase));
    exact.or_else(|| fields.iter().find(|(known, _)| capitals && known.eq_ignore_ascii_case(name)))
}

fn not_found<T: ApiObject>(given: &str) -> FieldError {
    FieldError::NotFound { path: given.to_owned(), kind: T::KIND, meant: meant(T::shape(), given) }
}

/// The path with the first unknown field replaced by the nearest known one.
fn meant(shape: &FieldSchema, given: &str) -> Option<String> {
    let names: Vec<&str> = given.split('.').collect();
    let mut shape = shape;
    for (i, name) in names.iter().enumerate() {
        let bare = name.split('[').next().unwrap_or_default();
        match field(shape, bare) {
            Some((_, found)) => {
                shape = &found.shape;
                while let FieldSchema::List(items) = shape {
                    shape = items;
                }
            }
            None => {
                let FieldSchema::Object(fields) = shape else { return None };
                let mut path: Vec<&str> = names[..i].to_vec();
                path.push(nearest(bare, fields.names())?);
                return Some(path.join("."));
            }
        }
    }
    None
}

fn clear(value: &mut Value, shape: &FieldSchema, steps: &[Step]) -> Result<(), ()> {
    let Some((step, rest)) = steps.split_first() else { return Ok(()) };
    match (step, shape) {
        (Step::Field(name), FieldSchema::Object(_)) => {
            let (name, found) = field(shape, name).ok_or(())?;
            let Value::Object(map) = value else { return Ok(()) };
            if rest.is_empty() {
                map.remove(name);
                return Ok(());
            }
            // What is absent has nothing to clear below it, but the path must be right all the same.
            let mut absent = Value::Null;
            clear(map.get_mut(name).unwrap_or(&mut absent), &found.shape, rest)
        }
        (Step::Index(_) | Step::All, FieldSchema::List(item)) => {
            let Value::Array(items) = value else { return clear(&mut Value::Null, item, rest) };
            let chosen: Vec<&mut Value> = match step {
                Step::Index(index) => items.get_mut(*index).into_iter().collect(),
                _ => items.iter_mut().collect(),
            };
            if chosen.is_empty() {
                return Err(());
            }
            for value in chosen {
                if rest.is_empty() {
                    *value = zero(item);
                } else {
                    clear(value, item, rest)?;
                }
            }
            Ok(())
        }
        _ => Err(()),
    }
}

/// The empty value of a field.
fn zero(shape: &FieldSchema) -> Value {
    match shape {
        FieldSchema::Object(_) | FieldSchema::Map(_) => Value::Object(Map::new()),
        FieldSchema::List(_) => Value::Array(Vec::new()),
        FieldSchema::Text(_) => Value::String(String::new()),
        FieldSchema::Integer { .. } => Value::from(0),
        FieldSchema::Boolean => Value::from(false),
        _ => Value::Null,
    }
}

struct Setter<'a> {
    kind: &'static str,
    given: &'a str,
    text: &'a str,
}

impl Setter<'_> {
    fn walk(&self, value: &mut Value, shape: &FieldSchema, steps: &[Step]) -> Result<(), FieldError> {
        let not_found = || FieldError::NotFound { path: self.given.to_owned(), kind: self.kind, meant: None };
        let Some((step, rest)) = steps.split_first() else { return self.set(value, shape) };
        if value.is_null() {
            *value = zero(shape);
        }
        match (step, shape, value) {
            (Step::Field(name), FieldSchema::Object(fields), Value::Object(map)) => {
                let Some((name, found)) = field(shape, name) else {
                    let meant = nearest(name, fields.names())
                        .and_then(|near| Some(format!("{}{near}", self.given.strip_suffix(name.as_str())?)));
                    return Err(FieldError::NotFound { path: self.given.to_owned(), kind: self.kind, meant });
                };
                self.walk(map.entry(name).or_insert(Value::Null), &found.shape, rest)
            }
            (Step::Index(index), FieldSchema::List(item), Value::Array(items)) => {
                // The index after the last one appends.
                if *index == items.len() {
                    items.push(zero(item));
                }
                self.walk(items.get_mut(*index).ok_or_else(not_found)?, item, rest)
            }
            (Step::All, FieldSchema::List(item), Value::Array(items)) if !items.is_empty() => {
                items.iter_mut().try_for_each(|value| self.walk(value, item, rest))
            }
            _ => Err(not_found()),
        }
    }

    /// Sets a field. A value is appended to a list, and inserted into a map.
    fn set(&self, value: &mut Value, shape: &FieldSchema) -> Result<(), FieldError> {
        match shape {
            FieldSchema::List(item) => {
                if !value.is_array() {
                    *value = zero(shape);
                }
                let Value::Array(items) = value else { return Ok(()) };
                for part in self.text.split(',') {
                    items.push(Setter { text: part, ..*self }.scalar(item)?);
                }
            }
            FieldSchema::Object(_) | FieldSchema::Map(_) if self.text.is_empty() => {
                if !value.is_object() {
                    *value = zero(shape);
                }
            }
            FieldSchema::Map(of) => {
                if !value.is_object() {
                    *value = zero(shape);
                }
                let (key, text) = self.text.split_once('=').unwrap_or((self.text, ""));
                let mut entry = Value::Null;
                Setter { text, ..*self }.set(&mut entry, of)?;
                if let Value::Object(map) = value {
                    map.insert(key.to_owned(), entry);
                }
            }
            _ => *value = self.scalar(shape)?,
        }
        Ok(())
    }

    fn scalar(&self, shape: &FieldSchema) -> Result<Value, FieldError> {
        let text = self.text;
        let wrong = |expected| FieldError::Value { path: self.given.to_owned(), value: text.to_owned(), expected };
        match shape {
            FieldSchema::Text(_) | FieldSchema::Base64 | FieldSchema::Any => Ok(Value::from(text)),
            FieldSchema::Boolean => go_bool(text).map(Value::from).ok_or_else(|| wrong("bool")),
            // Whether a number makes sense is for validation to say; here it is whether the type holds it.
            FieldSchema::Integer { holds: (least, most), .. } => text
                .parse::<i64>()
                .ok()
                .filter(|n| (least..=most).contains(&n))
                .map(Value::from)
                .ok_or_else(|| wrong(if *least < 0 { "integer" } else { "unsigned integer" })),
            FieldSchema::Duration => text
                .parse::<Duration>()
                .map(|duration| Value::from(duration.to_string()))
                .map_err(|_| wrong("duration")),
            FieldSchema::Quantity => {
                Quantity(text.to_owned()).nanos().map(|_| Value::from(text)).ok_or_else(|| wrong("quantity"))
            }
            FieldSchema::IntOrString(_) => Ok(text.parse::<i32>().map_or_else(|_| Value::from(text), Value::from)),
            // An environment variable is written as one string.
            FieldSchema::Object(_) if field(shape, "name").is_some() && field(shape, "value").is_some() => {
                let (name, content) = text.split_once('=').unwrap_or((text, ""));
                let mut variable = Map::from_iter([("name".to_owned(), Value::from(name))]);
                if text.contains('=') {
                    variable.insert("value".to_owned(), Value::from(content));
                }
                Ok(Value::Object(variable))
            }
            FieldSchema::Object(_) | FieldSchema::Map(_) | FieldSchema::List(_) => Err(wrong("a single value")),
        }
    }
}

/// The values that Go parses as booleans.
fn go_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

fn opposite(given: &str, text: &str) -> Result<String, FieldError> {
    let value = go_bool(text).ok_or_else(|| FieldError::Value {
        path: given.to_owned(),
        value: text.to_owned(),
        expected: "bool",
    })?;
    Ok((!value).to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::conversion::Convert as _;
    use crate::decode::{Strictness, decode_one};
    use crate::v1alpha2::{Cluster, InstanceGroup};

    fn cluster() -> Cluster {
        let text = "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nmetadata:\n  name: demo.example.com\nspec:\n  \
                    kubernetesVersion: 1.34.0\n  sshAccess:\n  - 10.0.0.0/8\n  subnets:\n  - name: a\n    zone: us-east-1a\n";
        decode_one::<Cluster>("test", text, Strictness::Strict).unwrap().0.object
    }

    fn set(sets: &[&str]) -> Result<Cluster, FieldError> {
        change(&cluster(), &[], &sets.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn values_get_the_type_of_their_field() {
        let spec = set(&[
            "spec.kubernetesVersion=1.35.1",
            "cluster.spec.kubelet.maxPods=200",
            "spec.kubelet.featureGates=Demo=true",
            "spec.sshAccess=192.168.0.0/16,172.16.0.0/12",
            "spec.kubeControllerManager.attachDetachReconcileSyncPeriod=90s",
            "spec.api.dns=",
        ])
        .unwrap()
        .spec;
        assert_eq!(spec.kubernetes_version, "1.35.1");
        let kubelet = spec.kubelet.unwrap();
        assert_eq!(kubelet.max_pods, Some(200));
        assert_eq!(kubelet.feature_gates["Demo"], "true");
        assert_eq!(spec.ssh_access, ["10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"]);
        let manager = spec.kube_controller_manager.unwrap();
        assert_eq!(manager.attach_detach_reconcile_sync_period.unwrap().to_string(), "1m30s");
        assert!(spec.api.unwrap().dns.is_some());
    }

    #[test]
    fn paths_are_those_of_the_model() {
        let spec = set(&[
            "spec.networking.networkCIDR=10.8.0.0/16",
            "spec.networking.subnets[0].cidr=10.8.0.0/20",
            "spec.networking.subnets[1].name=b",
            "spec.networking.subnets[*].zone=us-east-1b",
            "spec.networking.topology.dns=Private",
            "spec.networking.tagSubnets=false",
            "spec.masterPublicName=k8s.example.com",
        ])
        .unwrap()
        .spec;
        assert_eq!(spec.network_cidr, "10.8.0.0/16");
        assert_eq!(spec.subnets[0].cidr, "10.8.0.0/20");
        assert_eq!((spec.subnets[1].name.as_str(), spec.subnets[1].zone.as_str()), ("b", "us-east-1b"));
        assert_eq!(spec.disable_subnet_tags, Some(true));
        assert_eq!(spec.master_public_name, "k8s.example.com");
    }

    #[test]
    fn other_paths_are_refused_with_the_one_that_is_meant() {
        let hints = |sets: &[&str]| set(sets).unwrap_err().hints();
        assert_eq!(hints(&["spec.networkCIDR=10.8.0.0/16"]), ["did you mean spec.networking.networkCIDR?"]);
        assert_eq!(hints(&["spec.kubernetesVersio=1"]), ["did you mean spec.kubernetesVersion?"]);
        assert!(matches!(set(&["spec.kubelet.maxPods"]), Err(FieldError::NoValue(_))));
        // A signed number in kops, although less than none makes no sense.
        assert!(matches!(set(&["spec.kubelet.maxPods=many"]), Err(FieldError::Value { expected: "integer", .. })));
        assert!(set(&["spec.kubelet.maxPods=-1"]).is_ok());
        assert!(matches!(set(&["spec.networking.subnets[5].name=x"]), Err(FieldError::NotFound { .. })));
        for path in ["", ".", "spec..x=1", "spec.subnets[=1", "spec.subnets[x]=1", "[0]=1"] {
            assert!(set(&[&format!("{path}=1")]).is_err(), "{path}");
        }
    }

    #[test]
    fn fields_are_cleared_before_others_are_set() {
        let changed =
            change(&cluster(), &["spec.sshAccess".to_owned()], &["spec.sshAccess=10.1.0.0/16".to_owned()]).unwrap();
        assert_eq!(changed.spec.ssh_access, ["10.1.0.0/16"]);
        let unset = |path: &str| change(&cluster(), &[path.to_owned()], &[]);
        assert_eq!(unset("spec.kubelet.maxPods").unwrap(), cluster());
        // A field of kops' model takes along what is elsewhere in files.
        let mut with_access = cluster();
        with_access.spec.kubernetes_api_access = vec!["10.0.0.0/8".to_owned()];
        let changed = change(&with_access, &["spec.api".to_owned()], &[]).unwrap();
        assert!(changed.spec.api.is_none() && changed.spec.kubernetes_api_access.is_empty());
        assert!(unset("spec.kubelet.maxPod").is_err());
        assert!(unset("spec.networkCIDR").is_err());
    }

    #[test]
    fn groups_have_paths_of_their_own() {
        let mut group = InstanceGroup::default();
        group.convert();
        let sets = ["spec.rootVolume.size=100", "instancegroup.spec.role=Node", "spec.nodeLabels=tier=web"];
        let changed = change(&group, &[], &sets.map(str::to_owned)).unwrap();
        assert_eq!(changed.spec.root_volume_size, Some(100));
        assert_eq!(changed.spec.node_labels["tier"], "web");
        assert!(change(&group, &[], &["spec.rootVolumeSize=100".to_owned()]).is_err());
        let without = change(&changed, &["spec.rootVolume".to_owned()], &[]).unwrap();
        assert_eq!(without.spec.root_volume_size, None);
        assert!(change(&changed, &["spec.rootVolumes".to_owned()], &[]).is_err());
    }
}
