//! What is put on instances, and how they are replaced.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::enums::{FileAssetRole, InstanceGroupRole};
use crate::meta::{IntOrString, is_default};

/// A file to write on instances.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct FileAsset {
    /// A name for it, unique on an instance.
    #[schemars(extend("examples" = ["audit-policy"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Where it goes. Default: `/srv/kubernetes/assets/` and the name.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "examples" = ["/etc/kubernetes/audit.yaml"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// The kinds of instances that get it. Default: all.
    #[schemars(with = "Vec<InstanceGroupRole>")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<FileAssetRole>,
    /// What is in it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub content: String,
    /// Whether the content is in base64.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "is_default")]
    pub is_base64: bool,
    /// Its permissions in octal.
    #[schemars(extend("format" = "file-mode", "x-lenient" = true, "x-default" = "0440", "examples" = ["0644"], "x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mode: String,
}

/// Where images and files come from, instead of the internet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Assets {
    /// A registry with copies of all images.
    #[schemars(extend("format" = "registry", "x-lenient" = true, "examples" = ["123456789012.dkr.ecr.us-east-1.amazonaws.com"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_registry: Option<String>,
    /// The URL of a repository with copies of all files.
    #[schemars(extend("format" = "http-url", "examples" = ["https://files.example.com/"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_repository: Option<String>,
    /// The registry that fetches images on demand, instead of copies.
    #[schemars(extend("format" = "registry", "x-lenient" = true, "examples" = ["proxy.example.com"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_proxy: Option<String>,
}

/// A systemd unit to run on instances.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Hook {
    /// The name of the unit. Default: `kops-hook-` and its number.
    #[schemars(extend("format" = "unit-name", "x-lenient" = true, "examples" = ["prepare-disks.service"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Whether a group leaves out the cluster's hook of this name.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// The kinds of instances that get it. Default: all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<InstanceGroupRole>,
    /// Units that must run before it.
    #[schemars(extend("examples" = [["containerd.service"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    /// Units that wait for it.
    #[schemars(extend("examples" = [["kubelet.service"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// A container to run once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec_container: Option<ExecContainerAction>,
    /// The `[Service]` section of the unit; with `useRawManifest` the whole unit.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub manifest: String,
    /// Whether the manifest is the whole unit.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "is_default")]
    pub use_raw_manifest: bool,
}

/// Where a hook is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookPlace {
    /// In the cluster's spec.
    Cluster,
    /// In an instance group's spec.
    InstanceGroup,
}

impl Hook {
    /// What kops' internal API, which instances read, says in `enabled`.
    ///
    /// kops 1.36 turns `disabled` round for the hooks of a cluster and forgets to for those of an instance group.
    #[must_use]
    pub fn enabled(&self, level: HookPlace) -> Option<bool> {
        self.disabled.map(|disabled| disabled == (level == HookPlace::InstanceGroup))
    }
}

/// A container to run once.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ExecContainerAction {
    /// Its image.
    #[schemars(extend("format" = "container-image", "x-lenient" = true, "examples" = ["example.com/prepare:1.0"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// Its command and arguments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Its environment variables.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
}

/// How instances are replaced.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct RollingUpdate {
    /// Whether nodes are drained and terminated; otherwise they are only tainted.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drain_and_terminate: Option<bool>,
    /// How many instances may be missing at a time, as a number or percentage.
    #[schemars(extend("format" = "count-or-percent", "x-default" = 1, "examples" = ["30%"], "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<IntOrString>,
    /// How many instances may be started in addition to the size of the group, as a number or percentage.
    #[schemars(extend("format" = "count-or-percent", "x-default" = 0, "examples" = [1], "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_surge: Option<IntOrString>,
}

/// Stopped instances kept ready.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct WarmPool {
    /// The fewest instances in the pool.
    #[schemars(extend("x-default" = 0, "x-since" = "kops 1.21"))]
    #[serde(skip_serializing_if = "is_default")]
    pub min_size: i64,
    /// The most instances in the pool; 0 switches it off. Default: up to the size of the group.
    #[schemars(extend("examples" = [3], "x-since" = "kops 1.21"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_size: Option<i64>,
    /// Whether an instance stays in the pool only after it has been set up.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.21"))]
    #[serde(skip_serializing_if = "is_default")]
    pub enable_lifecycle_hook: bool,
    /// How many seconds setting up may take.
    #[schemars(extend("minimum" = 30, "maximum" = 7200, "x-lenient" = true, "x-default" = 600, "x-since" = "kops 1.35"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle_hook_timeout: Option<i32>,
    /// Images to download while an instance is in the pool; for groups only.
    #[schemars(extend("examples" = [["example.com/app:1.0"]], "x-since" = "kops 1.35"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_images: Vec<String>,
}

/// A download instead of the packages kops knows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct PackagesConfig {
    /// The SHA-256 of the download for x86-64, in hex.
    #[schemars(extend("format" = "sha256", "x-lenient" = true, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash_amd64: Option<String>,
    /// The SHA-256 of the download for arm64, in hex.
    #[schemars(extend("format" = "sha256", "x-lenient" = true, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash_arm64: Option<String>,
    /// The download for x86-64.
    #[schemars(extend("format" = "url", "x-lenient" = true, "examples" = ["https://files.example.com/containerd.tar.gz"], "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_amd64: Option<String>,
    /// The download for arm64.
    #[schemars(extend("format" = "url", "x-lenient" = true, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_arm64: Option<String>,
}
