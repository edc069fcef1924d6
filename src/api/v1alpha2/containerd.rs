//! TODO-DOC containerd.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::node::PackagesConfig;
use crate::api::meta::{Duration, IntOrString, is_default};

/// TODO-DOC ContainerdConfig.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ContainerdConfig {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub config_additions: BTreeMap<String, IntOrString>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_override: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_level: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packages: Option<PackagesConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub registry_mirrors: BTreeMap<String, Vec<String>>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub skip_install: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// TODO-DOC.
    #[serde(rename = "nvidiaGPU", skip_serializing_if = "Option::is_none")]
    pub nvidia_gpu: Option<NvidiaGpuConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gvisor: Option<GVisorConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runc: Option<RuncConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub selinux_enabled: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nri: Option<NriConfig>,
    /// TODO-DOC.
    #[serde(rename = "useECRCredentialsForMirrors", skip_serializing_if = "is_default")]
    pub use_ecr_credentials_for_mirrors: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub install_cri_ctl: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub install_nerd_ctl: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sandbox_image: Option<String>,
}

/// TODO-DOC NRIConfig.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct NriConfig {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin_registration_timeout: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin_request_timeout: Option<Duration>,
}

/// TODO-DOC NvidiaGPUConfig.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct NvidiaGpuConfig {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub package: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dcgm_exporter: Option<DcgmExporterConfig>,
}

/// TODO-DOC DCGMExporterConfig.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct DcgmExporterConfig {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub enabled: bool,
}

/// TODO-DOC Runc.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct RuncConfig {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packages: Option<PackagesConfig>,
}

/// TODO-DOC GVisorConfig.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct GVisorConfig {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub platform: String,
}
