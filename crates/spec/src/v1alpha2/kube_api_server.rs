//! Flags of kube-apiserver.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ContainerEnvVar;
use crate::meta::{Duration, Quantity, is_default};

/// Flags of kube-apiserver.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KubeApiServerConfig {
    /// Its image. Default: the one of the cluster's version.
    #[schemars(extend("format" = "container-image", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// Accepted without effect: basic authentication is gone since Kubernetes 1.19.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_basic_auth: Option<bool>,
    /// The form of its log.
    #[schemars(extend("enum" = ["text", "json"], "x-default" = "text", "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub log_format: String,
    /// How much it logs, 0 to 10.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 2))]
    #[serde(skip_serializing_if = "is_default")]
    pub log_level: i32,
    /// What manages the cloud. The API server exits on it since Kubernetes 1.33.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cloud_provider: String,
    /// How often etcd is compacted.
    #[schemars(extend("x-default" = "5m0s", "x-since" = "kops 1.36"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compaction_interval: Option<Duration>,
    /// The port it serves on.
    #[schemars(extend("minimum" = 0, "maximum" = 65535, "x-lenient" = true, "x-default" = 443))]
    #[serde(skip_serializing_if = "is_default")]
    pub secure_port: i32,
    /// Accepted without effect: the port without TLS is gone since Kubernetes 1.24.
    #[schemars(extend("deprecated" = true, "x-instead" = "remove it: the insecure port is gone since Kubernetes 1.24"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insecure_port: Option<i32>,
    /// The API server exits on it since Kubernetes 1.20: see `bindAddress`.
    #[schemars(extend("deprecated" = true, "x-instead" = "use bindAddress"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// The address other members know it by.
    #[schemars(extend("format" = "ip", "x-lenient" = true, "x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub advertise_address: String,
    /// The address it listens on. Default: all.
    #[schemars(extend("format" = "ip", "x-lenient" = true, "x-default" = "0.0.0.0"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bind_address: String,
    /// Accepted without effect: the port without TLS is gone since Kubernetes 1.24.
    #[schemars(extend("deprecated" = true, "x-instead" = "remove it: the insecure port is gone since Kubernetes 1.24"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub insecure_bind_address: String,
    /// Refused when true: nodes join through kops-controller.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_bootstrap_token_auth: Option<bool>,
    /// Whether requests go to pods of extension servers instead of their service. Default: with the metrics server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_aggregator_routing: Option<bool>,
    /// Refused: use `enableAdmissionPlugins`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub admission_control: Vec<String>,
    /// Admission plugins besides kops'.
    #[schemars(extend("examples" = [["AlwaysPullImages"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub append_admission_plugins: Vec<String>,
    /// All admission plugins, instead of kops'.
    #[schemars(extend("examples" = [["NamespaceLifecycle", "NodeRestriction"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub enable_admission_plugins: Vec<String>,
    /// Admission plugins to leave out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disable_admission_plugins: Vec<String>,
    /// The configuration of admission plugins.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub admission_control_config_file: String,
    /// The network of service addresses; the same as the cluster's `serviceClusterIPRange`.
    #[schemars(extend("format" = "cidr"))]
    #[serde(rename = "serviceClusterIPRange", skip_serializing_if = "String::is_empty")]
    pub service_cluster_ip_range: String,
    /// The ports of node port services.
    #[schemars(extend("format" = "port-range", "x-default" = "30000-32767"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub service_node_port_range: String,
    /// Where etcd is.
    #[schemars(extend("format" = "url", "x-lenient" = true, "x-default" = ["https://127.0.0.1:4001"]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub etcd_servers: Vec<String>,
    /// Where etcd is for some resources, each `group/resource#address`.
    #[schemars(extend("examples" = [["/events#https://127.0.0.1:4002"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub etcd_servers_overrides: Vec<String>,
    /// The certificate authority of etcd.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub etcd_ca_file: String,
    /// The certificate it shows to etcd.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub etcd_cert_file: String,
    /// The key of that certificate.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub etcd_key_file: String,
    /// The API server exits on it since Kubernetes 1.19, which has no basic authentication.
    #[schemars(extend("deprecated" = true, "x-instead" = "remove it: basic authentication is gone since Kubernetes 1.19"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub basic_auth_file: String,
    /// The certificate authority of its clients.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(rename = "clientCAFile", skip_serializing_if = "String::is_empty")]
    pub client_ca_file: String,
    /// The certificate it serves with.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tls_cert_file: String,
    /// The key of that certificate.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tls_private_key_file: String,
    /// TLS cipher suites it offers.
    #[schemars(extend("format" = "cipher-suite", "x-lenient" = true, "examples" = [["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tls_cipher_suites: Vec<String>,
    /// The oldest TLS it speaks.
    #[schemars(extend("enum" = ["VersionTLS10", "VersionTLS11", "VersionTLS12", "VersionTLS13"], "x-lenient" = true, "examples" = ["VersionTLS12"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tls_min_version: String,
    /// A file with tokens and who they belong to.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub token_auth_file: String,
    /// Whether privileged containers may run.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_privileged: Option<bool>,
    /// The number of API servers. Default: members of the etcd cluster `main`.
    #[schemars(extend("minimum" = 0, "x-lenient" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_server_count: Option<i32>,
    /// APIs to switch on or off.
    #[schemars(extend("examples" = [{"batch/v2alpha1": "true"}]))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub runtime_config: BTreeMap<String, String>,
    /// The certificate it shows to kubelets.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kubelet_client_certificate: String,
    /// The certificate authority of kubelets.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kubelet_certificate_authority: String,
    /// The key of that certificate.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kubelet_client_key: String,
    /// Whether requests without credentials are let in as `system:anonymous`.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymous_auth: Option<bool>,
    /// Which address of a node it uses, the first preferred.
    #[schemars(extend("enum" = ["Hostname", "InternalDNS", "InternalIP", "ExternalDNS", "ExternalIP"], "x-lenient" = true, "x-default" = ["InternalIP", "Hostname", "ExternalIP"]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kubelet_preferred_address_types: Vec<String>,
    /// How data is kept.
    #[schemars(extend("enum" = ["etcd3"], "x-lenient" = true, "x-default" = "etcd3"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_backend: Option<String>,
    /// The OpenID claim with the user name.
    #[schemars(extend("x-default" = "sub", "examples" = ["email"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc_username_claim: Option<String>,
    /// What comes before such names, `-` for nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc_username_prefix: Option<String>,
    /// The OpenID claims that are groups, separated by commas.
    #[schemars(extend("examples" = ["groups"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc_groups_claim: Option<String>,
    /// What comes before such groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc_groups_prefix: Option<String>,
    /// Who issues OpenID tokens.
    #[schemars(extend("format" = "https-url", "x-lenient" = true, "examples" = ["https://login.example.com"]))]
    #[serde(rename = "oidcIssuerURL", skip_serializing_if = "Option::is_none")]
    pub oidc_issuer_url: Option<String>,
    /// The client id that tokens are for.
    #[schemars(extend("examples" = ["kubernetes"]))]
    #[serde(rename = "oidcClientID", skip_serializing_if = "Option::is_none")]
    pub oidc_client_id: Option<String>,
    /// Claims a token must have, each `claim=value`.
    #[schemars(extend("format" = "key-value", "examples" = [["hd=example.com"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub oidc_required_claim: Vec<String>,
    /// The certificate authority of the issuer.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(rename = "oidcCAFile", skip_serializing_if = "Option::is_none")]
    pub oidc_ca_file: Option<String>,
    /// A file with the authentication configuration, instead of the `oidc` fields.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "x-since" = "kops 1.30"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub authentication_config_file: String,
    /// The certificate it shows to extension servers; goes with `proxyClientKeyFile`.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_client_cert_file: Option<String>,
    /// The key of that certificate.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_client_key_file: Option<String>,
    /// The form of the audit log.
    #[schemars(extend("enum" = ["json", "legacy"], "x-lenient" = true, "x-default" = "json"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_log_format: Option<String>,
    /// The audit log, `-` for standard output.
    #[schemars(extend("examples" = ["/var/log/kube-apiserver-audit.log"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_log_path: Option<String>,
    /// After how many days audit logs are deleted.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "examples" = [10]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_log_max_age: Option<i32>,
    /// How many audit logs are kept.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "examples" = [1]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_log_max_backups: Option<i32>,
    /// How many MB an audit log gets before a new one begins.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "examples" = [100]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_log_max_size: Option<i32>,
    /// The file that says what is logged.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "examples" = ["/srv/kubernetes/kube-apiserver/audit.conf"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub audit_policy_file: String,
    /// How many events wait to be sent.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 10000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_webhook_batch_buffer_size: Option<i32>,
    /// How many events are sent together.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 400))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_webhook_batch_max_size: Option<i32>,
    /// How long events wait for others.
    #[schemars(extend("x-default" = "30s"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_webhook_batch_max_wait: Option<Duration>,
    /// The most batches at once.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 15))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_webhook_batch_throttle_burst: Option<i32>,
    /// Whether batches are held back.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_webhook_batch_throttle_enable: Option<bool>,
    /// The most batches a second.
    #[schemars(extend("x-default" = "10"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_webhook_batch_throttle_qps: Option<Quantity>,
    /// Where audit events are sent; in the directory of the audit policy.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "examples" = ["/srv/kubernetes/kube-apiserver/audit-webhook.conf"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub audit_webhook_config_file: String,
    /// How long it waits after the first failure.
    #[schemars(extend("x-default" = "10s"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_webhook_initial_backoff: Option<Duration>,
    /// Whether requests wait for the webhook.
    #[schemars(extend("enum" = ["batch", "blocking", "blocking-strict"], "x-lenient" = true, "x-default" = "batch"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub audit_webhook_mode: String,
    /// Where to ask who a token belongs to.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication_token_webhook_config_file: Option<String>,
    /// How long such an answer is kept.
    #[schemars(extend("x-default" = "2m0s"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication_token_webhook_cache_ttl: Option<Duration>,
    /// Authorization modes, separated by commas. Default: `Node,RBAC`.
    #[schemars(extend("format" = "authorization-modes", "examples" = ["Node,RBAC"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_mode: Option<String>,
    /// Where to ask whether a request is allowed.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_webhook_config_file: Option<String>,
    /// How long a yes is kept.
    #[schemars(extend("x-default" = "5m0s"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_webhook_cache_authorized_ttl: Option<Duration>,
    /// How long a no is kept.
    #[schemars(extend("x-default" = "30s"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_webhook_cache_unauthorized_ttl: Option<Duration>,
    /// The API server exits on it since Kubernetes 1.11.
    #[schemars(extend("deprecated" = true, "x-instead" = "remove it: the flag is gone since Kubernetes 1.11"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_rbac_super_user: Option<String>,
    /// The file that says how secrets are encrypted.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_provider_config: Option<String>,
    /// The old name of `encryptionProviderConfig`. The API server exits on it since Kubernetes 1.24.
    #[schemars(extend("deprecated" = true, "x-instead" = "use encryptionProviderConfig, its name since Kubernetes 1.13"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experimental_encryption_provider_config: Option<String>,
    /// Headers with a name, from a proxy.
    #[schemars(extend("x-default" = ["X-Remote-User"]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requestheader_username_headers: Vec<String>,
    /// Headers with groups, from a proxy.
    #[schemars(extend("x-default" = ["X-Remote-Group"]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requestheader_group_headers: Vec<String>,
    /// Prefixes of headers with more, from a proxy.
    #[schemars(extend("x-default" = ["X-Remote-Extra-"]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requestheader_extra_header_prefixes: Vec<String>,
    /// The certificate authority of proxies.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(rename = "requestheaderClientCAFile", skip_serializing_if = "String::is_empty")]
    pub requestheader_client_ca_file: String,
    /// Names a proxy's certificate may have.
    #[schemars(extend("x-default" = ["aggregator"]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requestheader_allowed_names: Vec<String>,
    /// Feature gates by name, each `"true"` or `"false"`.
    #[schemars(extend("format" = "feature-gate-value", "x-lenient" = true, "examples" = [{"InPlacePodVerticalScaling": "true"}]))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub feature_gates: BTreeMap<String, String>,
    /// The chance that an HTTP/2 connection is closed, 0 to 0.02.
    #[schemars(extend("format" = "fraction", "x-lenient" = true, "examples" = ["0.001"], "x-since" = "kops 1.32"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub goaway_chance: String,
    /// The most requests at a time that only read.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 400))]
    #[serde(skip_serializing_if = "is_default")]
    pub max_requests_inflight: i32,
    /// The most requests at a time that change something.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 200))]
    #[serde(skip_serializing_if = "is_default")]
    pub max_mutating_requests_inflight: i32,
    /// The most requests of a connection at a time.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 1000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http2_max_streams_per_connection: Option<i32>,
    /// The API server exits on it since Kubernetes 1.13; reads are always by quorum.
    #[schemars(extend("deprecated" = true, "x-instead" = "remove it: reads have been by quorum since Kubernetes 1.13"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etcd_quorum_read: Option<bool>,
    /// How long a request may take.
    #[schemars(extend("x-default" = "1m0s", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_timeout: Option<Duration>,
    /// How long it waits for etcd when it starts.
    #[schemars(extend("x-default" = "1m0s", "x-since" = "kops 1.36"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_initialization_timeout: Option<Duration>,
    /// How many seconds a watch lasts at least.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 1800))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_request_timeout: Option<i32>,
    /// Whether watches are served from memory.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.31"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watch_cache: Option<bool>,
    /// Sizes of these caches, each `resource#number`.
    #[schemars(extend("examples" = [["nodes#1000"]], "x-since" = "kops 1.31"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub watch_cache_sizes: Vec<String>,
    /// Public keys of service accounts.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub service_account_key_file: Vec<String>,
    /// The key that signs tokens of service accounts.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account_signing_key_file: Option<String>,
    /// Who issues tokens of service accounts: a URL, or a name without a colon. Default: the discovery store, else the internal API
    /// name.
    #[schemars(extend("format" = "issuer", "x-lenient" = true, "examples" = ["https://api.internal.demo.example.com"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account_issuer: Option<String>,
    /// Further issuers whose tokens are taken.
    #[schemars(extend("format" = "issuer", "x-lenient" = true, "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_service_account_issuers: Vec<String>,
    /// Where the keys of service accounts are. Default: below the issuer.
    #[schemars(extend("format" = "https-url", "x-lenient" = true, "x-since" = "kops 1.18"))]
    #[serde(rename = "serviceAccountJWKSURI", skip_serializing_if = "Option::is_none")]
    pub service_account_jwksuri: Option<String>,
    /// Whom tokens of service accounts are for.
    #[schemars(extend("x-default" = ["kubernetes.svc.default"]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub api_audiences: Vec<String>,
    /// CPU that is reserved for it.
    #[schemars(extend("x-default" = "150m"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// The most CPU it may use. Default: no limit.
    #[schemars(extend("x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_limit: Option<Quantity>,
    /// Memory that is reserved for it. Default: none.
    #[schemars(extend("x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// The most memory it may use. Default: no limit.
    #[schemars(extend("x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<Quantity>,
    /// How long events are kept.
    #[schemars(extend("x-default" = "1h0m0s"))]
    #[serde(rename = "eventTTL", skip_serializing_if = "Option::is_none")]
    pub event_ttl: Option<Duration>,
    /// The API server exits on it since Kubernetes 1.19.
    #[schemars(extend("deprecated" = true, "x-instead" = "remove it: the flag is gone since Kubernetes 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_dynamic_configuration: Option<bool>,
    /// Whether it can be profiled.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_profiling: Option<bool>,
    /// Whether waiting for locks can be profiled.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_contention_profiling: Option<bool>,
    /// Origins of web pages that may call it, as patterns.
    #[schemars(extend("format" = "regex", "x-lenient" = true, "examples" = [["^https://example\\.com$"]], "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cors_allowed_origins: Vec<String>,
    /// How many seconds pods stay on a node that is not ready.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 300, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_not_ready_toleration_seconds: Option<i64>,
    /// How many seconds pods stay on a node that can't be reached.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 300, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_unreachable_toleration_seconds: Option<i64>,
    /// How many workers delete collections.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 1, "x-since" = "kops 1.35"))]
    #[serde(skip_serializing_if = "is_default")]
    pub delete_collection_workers: i64,
    /// Environment variables of its container.
    #[schemars(extend("x-since" = "kops 1.31"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<ContainerEnvVar>,
}
