//! containerd, the container runtime.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::node::PackagesConfig;
use crate::meta::{Duration, IntOrString, is_default};

/// Settings of containerd.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ContainerdConfig {
    /// Its socket.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "x-default" = "/run/containerd/containerd.sock", "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Further entries of its configuration, by their path with dots.
    #[schemars(extend("examples" = [{"plugins.\"io.containerd.grpc.v1.cri\".max_concurrent_downloads": 5}], "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub config_additions: BTreeMap<String, IntOrString>,
    /// The whole configuration, instead of the one kops writes.
    #[schemars(extend("x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_override: Option<String>,
    /// How much it logs.
    #[schemars(extend("enum" = ["trace", "debug", "info", "warn", "error", "fatal", "panic"], "x-lenient" = true, "x-default" = "info", "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_level: Option<String>,
    /// A download instead of the version's.
    #[schemars(extend("x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packages: Option<PackagesConfig>,
    /// Mirrors of registries, in the order they are asked; `*` for all.
    #[schemars(extend("examples" = [{"docker.io": ["https://mirror.example.com"]}], "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub registry_mirrors: BTreeMap<String, Vec<String>>,
    /// Where it keeps data.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "x-default" = "/var/lib/containerd", "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// Whether the image of the machine brings it.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "is_default")]
    pub skip_install: bool,
    /// Where it keeps its state while it runs.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "x-default" = "/run/containerd", "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Its version, 1.3.4 or later. Default: 1.7.32 below Kubernetes 1.32, then 2.2.4.
    #[schemars(extend("examples" = ["2.2.4"], "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Support of NVIDIA GPUs.
    #[schemars(extend("x-since" = "kops 1.22"))]
    #[serde(rename = "nvidiaGPU", skip_serializing_if = "Option::is_none")]
    pub nvidia_gpu: Option<NvidiaGpuConfig>,
    /// gVisor as a further runtime; for groups of nodes only.
    #[schemars(extend("x-since" = "kops 1.36"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gvisor: Option<GVisorConfig>,
    /// The version of runc.
    #[schemars(extend("x-since" = "kops 1.25"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runc: Option<RuncConfig>,
    /// Whether containers get SELinux labels.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.28"))]
    #[serde(skip_serializing_if = "is_default")]
    pub selinux_enabled: bool,
    /// Plugins of the node resource interface.
    #[schemars(extend("x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nri: Option<NriConfig>,
    /// Whether mirrors in ECR are read with the instance's permissions.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.33"))]
    #[serde(rename = "useECRCredentialsForMirrors", skip_serializing_if = "is_default")]
    pub use_ecr_credentials_for_mirrors: bool,
    /// Whether `crictl` is installed.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.34"))]
    #[serde(skip_serializing_if = "is_default")]
    pub install_cri_ctl: bool,
    /// Whether `nerdctl` is installed.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.34"))]
    #[serde(skip_serializing_if = "is_default")]
    pub install_nerd_ctl: bool,
    /// The image that holds a pod's namespaces.
    #[schemars(extend("format" = "container-image", "x-lenient" = true, "x-default" = "registry.k8s.io/pause:3.10.1", "x-since" = "kops 1.35"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sandbox_image: Option<String>,
}

/// Plugins of the node resource interface; needs containerd 1.7.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct NriConfig {
    /// Whether plugins may connect.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// How long a plugin may take to register.
    #[schemars(extend("x-default" = "5s", "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin_registration_timeout: Option<Duration>,
    /// How long a plugin may take to answer.
    #[schemars(extend("x-default" = "2s", "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin_request_timeout: Option<Duration>,
}

/// Support of NVIDIA GPUs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct NvidiaGpuConfig {
    /// The driver package of the distribution.
    #[schemars(extend("x-default" = "nvidia-driver-535-server", "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub package: String,
    /// Whether drivers and the device plugin are installed on instances with GPUs.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The image of the device plugin.
    #[schemars(extend("format" = "container-image", "x-lenient" = true, "x-default" = "nvcr.io/nvidia/k8s-device-plugin:v0.17.3", "x-since" = "kops 1.34"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// The exporter of GPU metrics; counts on the cluster, not on groups.
    #[schemars(extend("x-since" = "kops 1.26"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dcgm_exporter: Option<DcgmExporterConfig>,
}

/// The exporter of GPU metrics.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct DcgmExporterConfig {
    /// Whether it is installed.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.26"))]
    #[serde(skip_serializing_if = "is_default")]
    pub enabled: bool,
}

/// runc, which starts containers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct RuncConfig {
    /// Its version.
    #[schemars(extend("x-default" = "1.3.5", "x-since" = "kops 1.25"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// A download instead of the version's.
    #[schemars(extend("x-since" = "kops 1.25"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packages: Option<PackagesConfig>,
}

/// gVisor, a sandbox for containers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct GVisorConfig {
    /// Whether the runtime class `gvisor` works on these instances.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.36"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// How gVisor catches system calls.
    #[schemars(extend("enum" = ["systrap", "kvm", "ptrace"], "x-lenient" = true, "x-default" = "systrap", "x-since" = "kops 1.36"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub platform: String,
}
