//! TODO-DOC kube_api_server.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::meta::{Duration, Quantity, is_default};

/// TODO-DOC KubeAPIServerConfig.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KubeApiServerConfig {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_basic_auth: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub log_format: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub log_level: i32,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cloud_provider: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compaction_interval: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub secure_port: i32,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insecure_port: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub advertise_address: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bind_address: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub insecure_bind_address: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_bootstrap_token_auth: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_aggregator_routing: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub admission_control: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub append_admission_plugins: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub enable_admission_plugins: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disable_admission_plugins: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub admission_control_config_file: String,
    /// TODO-DOC.
    #[serde(rename = "serviceClusterIPRange", skip_serializing_if = "String::is_empty")]
    pub service_cluster_ip_range: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub service_node_port_range: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub etcd_servers: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub etcd_servers_overrides: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub etcd_ca_file: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub etcd_cert_file: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub etcd_key_file: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub basic_auth_file: String,
    /// TODO-DOC.
    #[serde(rename = "clientCAFile", skip_serializing_if = "String::is_empty")]
    pub client_ca_file: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tls_cert_file: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tls_private_key_file: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tls_cipher_suites: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tls_min_version: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub token_auth_file: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_privileged: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_server_count: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub runtime_config: BTreeMap<String, String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kubelet_client_certificate: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kubelet_certificate_authority: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kubelet_client_key: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymous_auth: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kubelet_preferred_address_types: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_backend: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc_username_claim: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc_username_prefix: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc_groups_claim: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc_groups_prefix: Option<String>,
    /// TODO-DOC.
    #[serde(rename = "oidcIssuerURL", skip_serializing_if = "Option::is_none")]
    pub oidc_issuer_url: Option<String>,
    /// TODO-DOC.
    #[serde(rename = "oidcClientID", skip_serializing_if = "Option::is_none")]
    pub oidc_client_id: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub oidc_required_claim: Vec<String>,
    /// TODO-DOC.
    #[serde(rename = "oidcCAFile", skip_serializing_if = "Option::is_none")]
    pub oidc_ca_file: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub authentication_config_file: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_client_cert_file: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_client_key_file: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_log_format: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_log_path: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_log_max_age: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_log_max_backups: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_log_max_size: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub audit_policy_file: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_webhook_batch_buffer_size: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_webhook_batch_max_size: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_webhook_batch_max_wait: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_webhook_batch_throttle_burst: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_webhook_batch_throttle_enable: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_webhook_batch_throttle_qps: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub audit_webhook_config_file: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_webhook_initial_backoff: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub audit_webhook_mode: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication_token_webhook_config_file: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication_token_webhook_cache_ttl: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_mode: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_webhook_config_file: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_webhook_cache_authorized_ttl: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_webhook_cache_unauthorized_ttl: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_rbac_super_user: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_provider_config: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experimental_encryption_provider_config: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requestheader_username_headers: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requestheader_group_headers: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requestheader_extra_header_prefixes: Vec<String>,
    /// TODO-DOC.
    #[serde(rename = "requestheaderClientCAFile", skip_serializing_if = "String::is_empty")]
    pub requestheader_client_ca_file: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requestheader_allowed_names: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub feature_gates: BTreeMap<String, String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub goaway_chance: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub max_requests_inflight: i32,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub max_mutating_requests_inflight: i32,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http2_max_streams_per_connection: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etcd_quorum_read: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_timeout: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_initialization_timeout: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_request_timeout: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watch_cache: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub watch_cache_sizes: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub service_account_key_file: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account_signing_key_file: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account_issuer: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_service_account_issuers: Vec<String>,
    /// TODO-DOC.
    #[serde(rename = "serviceAccountJWKSURI", skip_serializing_if = "Option::is_none")]
    pub service_account_jwksuri: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub api_audiences: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_limit: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<Quantity>,
    /// TODO-DOC.
    #[serde(rename = "eventTTL", skip_serializing_if = "Option::is_none")]
    pub event_ttl: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_dynamic_configuration: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_profiling: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_contention_profiling: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cors_allowed_origins: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_not_ready_toleration_seconds: Option<i64>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_unreachable_toleration_seconds: Option<i64>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub delete_collection_workers: i64,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<serde_json::Value>,
}
