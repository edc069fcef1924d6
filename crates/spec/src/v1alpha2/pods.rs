//! Parts of Kubernetes' own pod API that a spec takes in. They reach the pods as they are written; kops checks their shape only.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use crate::meta::Quantity;

/// A taint that a pod may stay on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Toleration {
    /// The taint's key; every taint, when empty.
    #[schemars(extend("examples" = ["CriticalAddonsOnly"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// How the taint's value is compared with `value`.
    #[schemars(extend("enum" = ["Equal", "Exists", "Lt", "Gt"], "x-lenient" = true, "x-default" = "Equal"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub operator: String,
    /// The taint's value.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// The taint's effect; every effect, when empty.
    #[schemars(extend("enum" = ["NoSchedule", "PreferNoSchedule", "NoExecute"], "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub effect: String,
    /// How many seconds the pod stays on a `NoExecute` taint; for ever, when absent.
    #[schemars(extend("examples" = [300]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub toleration_seconds: Option<i64>,
}

/// Which nodes a pod may or should run on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Affinity {
    /// By the nodes' labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_affinity: Option<NodeAffinity>,
    /// Near pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_affinity: Option<PodAffinity>,
    /// Away from pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_anti_affinity: Option<PodAffinity>,
}

/// Nodes by their labels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct NodeAffinity {
    /// What a node must be.
    #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution", skip_serializing_if = "Option::is_none")]
    pub required: Option<NodeSelector>,
    /// What a node should be.
    #[serde(rename = "preferredDuringSchedulingIgnoredDuringExecution", skip_serializing_if = "Vec::is_empty")]
    pub preferred: Vec<PreferredNodes>,
}

/// Nodes that one of several terms fits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct NodeSelector {
    /// The terms. They must be there; where they are not, the file says null, as those of kops.
    pub node_selector_terms: Option<Vec<NodeSelectorTerm>>,
}

/// Nodes that all requirements fit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct NodeSelectorTerm {
    /// Requirements on labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub match_expressions: Vec<Requirement>,
    /// Requirements on fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub match_fields: Vec<Requirement>,
}

/// What a label or field must be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Requirement {
    /// The label's key.
    #[schemars(extend("examples" = ["topology.kubernetes.io/zone"]))]
    pub key: String,
    /// How its value is compared with `values`. `Gt` and `Lt` are for nodes only.
    #[schemars(extend("enum" = ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"], "x-lenient" = true))]
    pub operator: String,
    /// The values.
    #[schemars(extend("examples" = [["us-east-1a"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// Nodes that are worth something.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct PreferredNodes {
    /// How much, from 1 to 100.
    #[schemars(extend("minimum" = 1, "maximum" = 100, "x-lenient" = true))]
    pub weight: i32,
    /// The nodes.
    pub preference: NodeSelectorTerm,
}

/// Pods that others should be near to, or away from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct PodAffinity {
    /// What must be.
    #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution", skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<PodAffinityTerm>,
    /// What should be.
    #[serde(rename = "preferredDuringSchedulingIgnoredDuringExecution", skip_serializing_if = "Vec::is_empty")]
    pub preferred: Vec<PreferredPods>,
}

/// Pods, and how near is near.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct PodAffinityTerm {
    /// The pods, by their labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_selector: Option<LabelSelector>,
    /// Their namespaces; the pod's own, when neither this nor `namespaceSelector` is given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    /// Nodes with the same value of this label are near.
    #[schemars(extend("examples" = ["kubernetes.io/hostname"]))]
    pub topology_key: String,
    /// Their namespaces, by their labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace_selector: Option<LabelSelector>,
    /// Labels that they have the pod's own values of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub match_label_keys: Vec<String>,
    /// Labels that they have other values of than the pod.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mismatch_label_keys: Vec<String>,
}

/// Pods that are worth something.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct PreferredPods {
    /// How much, from 1 to 100.
    #[schemars(extend("minimum" = 1, "maximum" = 100, "x-lenient" = true))]
    pub weight: i32,
    /// The pods.
    pub pod_affinity_term: PodAffinityTerm,
}

/// Objects by their labels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct LabelSelector {
    /// Labels and their values.
    #[schemars(extend("examples" = [{"k8s-app": "kube-dns"}]))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub match_labels: BTreeMap<String, String>,
    /// Requirements on labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub match_expressions: Vec<Requirement>,
}

/// An environment variable of a container, as Kubernetes has it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ContainerEnvVar {
    /// Its name.
    #[schemars(extend("format" = "env-name", "x-lenient" = true, "examples" = ["GODEBUG"]))]
    pub name: String,
    /// Its value.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// Where its value comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_from: Option<EnvVarSource>,
}

/// Where the value of an environment variable comes from: one of these.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EnvVarSource {
    /// A field of the pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field_ref: Option<FieldSelector>,
    /// A resource of the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_field_ref: Option<ResourceFieldSelector>,
    /// A key of a config map.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_map_key_ref: Option<KeySelector>,
    /// A key of a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_key_ref: Option<KeySelector>,
    /// A key of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_key_ref: Option<FileKeySelector>,
}

/// A field of a pod.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct FieldSelector {
    /// The API version that `fieldPath` is written for.
    #[schemars(extend("x-default" = "v1"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub api_version: String,
    /// The field.
    #[schemars(extend("examples" = ["status.podIP"]))]
    pub field_path: String,
}

/// A resource of a container.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ResourceFieldSelector {
    /// The container; its own, when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub container_name: String,
    /// The resource.
    #[schemars(extend("examples" = ["limits.cpu"]))]
    pub resource: String,
    /// The unit that it is counted in.
    #[schemars(extend("x-default" = "1"))]
    #[serde(serialize_with = "or_zero")]
    pub divisor: Option<Quantity>,
}

/// An amount as Kubernetes writes one that is always there.
fn or_zero<S: Serializer>(amount: &Option<Quantity>, serializer: S) -> Result<S::Ok, S::Error> {
    amount.as_ref().unwrap_or(&"0".into()).serialize(serializer)
}

/// A key of a config map or secret.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KeySelector {
    /// The object's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The key.
    pub key: String,
    /// Whether it may be missing.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}

/// A key of a file with environment variables.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct FileKeySelector {
    /// The volume that the file is in.
    pub volume_name: String,
    /// The file's path within the volume.
    pub path: String,
    /// The key.
    pub key: String,
    /// Whether it may be missing.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}
