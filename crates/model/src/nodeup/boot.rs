//! The boot script and what it carries: where nodeup is, and the configuration nodeup starts from.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, GzBuilder};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::NodeupError;
use super::config::{Builder, NodeupConfig};
use super::files::ARCHITECTURES;
use crate::Context;
use crate::facts::region_of;
use kopsform_diagnostics::Report;
use kopsform_env::{self as env, Environment};
use kopsform_spec::cloud::Cloud;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};
use kopsform_template::Template;

/// Where kops-controller hands out configurations.
const KOPS_CONTROLLER_PORT: u16 = 3988;

/// The first configuration of nodeup, small enough for user data. It has the hash of the rest, `nodeupconfig.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct BootConfig {
    /// `aws` or `gce`.
    pub cloud_provider: &'static str,
    /// The address of the cluster in the state store, for instances that read it themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_base: Option<String>,
    /// kops-controller, for all others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_server: Option<ConfigServer>,
    /// Addresses of the API, where its name cannot be looked up.
    #[serde(rename = "APIServerIPs", skip_serializing_if = "Vec::is_empty")]
    pub api_server_ips: Vec<String>,
    /// The cluster.
    pub cluster_name: String,
    /// The instance group.
    pub instance_group_name: String,
    /// Its role.
    pub instance_group_role: &'static str,
    /// SHA-256 of the rest, in base64.
    pub nodeup_config_hash: String,
}

/// How kops-controller is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigServer {
    /// Its addresses.
    pub servers: Vec<String>,
    /// The name in its certificate, where addresses are used.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tls_server_name: String,
    /// The certificates to trust.
    #[serde(rename = "CACertificates")]
    pub ca_certificates: String,
}

/// The configuration of the instances of one group, built once so that hashes match.
pub(super) struct Boot {
    /// The content of `nodeupconfig.yaml`.
    pub nodeup_config: String,
    /// The configuration in the boot script.
    pub boot_config: BootConfig,
}

impl Boot {
    /// The configuration of the instances of a group.
    pub(super) fn of(context: &Context<'_>, group: &InstanceGroup) -> Result<Self, NodeupError> {
        let builder = Builder::new(context, group);
        let mut config: NodeupConfig = builder.build()?;
        let cluster = context.cluster;
        let api_server_ips = builder.api_server_ips();
        let (config_base, config_server) = if builder.uses_config_server() {
            // The CA is in the boot script: with it, instances trust kops-controller.
            let authority = config.certificate_authorities.remove("kubernetes-ca").unwrap_or_default();
            (None, Some(ConfigServer::of(cluster, authority, &api_server_ips)))
        } else {
            (Some(cluster.spec.config_base.trim_end_matches('/').to_owned()), None)
        };
        let nodeup_config = Self::nodeup_config(context, group, config)?;
        let boot_config = BootConfig {
            cloud_provider: cluster.cloud().unwrap_or(Cloud::Aws).name(),
            config_base,
            config_server,
            api_server_ips,
            cluster_name: cluster.metadata.name.clone(),
            instance_group_name: group.metadata.name.clone(),
            instance_group_role: group.role().display_name(),
            nodeup_config_hash: STANDARD.encode(Sha256::digest(nodeup_config.as_bytes())),
        };
        Ok(Self { nodeup_config, boot_config })
    }

    /// The content of `nodeupconfig.yaml`, or the earlier content if that means the same.
    fn nodeup_config(
        context: &Context<'_>,
        group: &InstanceGroup,
        mut config: NodeupConfig,
    ) -> Result<String, NodeupError> {
        let name = format!("nodeupconfig-{}", group.metadata.name);
        let content = kopsform_yaml::to_string(&serde_json::to_value(&config)?);
        if let Some(earlier) = context.earlier(&name, &content) {
            return Ok(earlier);
        }
        // The first update cannot know the name of a load balancer that it creates, and later ones add it to the API's
        // certificate. Clients that have a DNS record for the API do not use it, so it is no reason to replace a control plane.
        if context.publishes_dns() && !config.apiserver_additional_ips.is_empty() {
            config.apiserver_additional_ips.clear();
            let first = kopsform_yaml::to_string(&serde_json::to_value(&config)?);
            return Ok(context.earlier(&name, &first).unwrap_or(content));
        }
        Ok(content)
    }

    /// The script that instances run first.
    pub(super) fn script(&self, context: &Context<'_>, group: &InstanceGroup) -> Result<String, NodeupError> {
        let files = Builder::new(context, group);
        let mut nodeup = Vec::new();
        for architecture in ARCHITECTURES {
            let file = files.files().nodeup(architecture)?;
            nodeup.push(json!({
                "suffix": architecture.variable_suffix(),
                "urls": quoted(&file.locations.join(",")),
                "hash": file.hash,
            }));
        }
        let exports: Vec<Value> = exports(context.cluster, group, context.environment)
            .into_iter()
            .map(|(name, value)| json!({"name": name, "value": quoted(&value)}))
            .collect();
        let kube_env = kopsform_yaml::to_string(&serde_json::to_value(&self.boot_config)?);
        let compressed = group.spec.compress_user_data == Some(true);
        let data = json!({
            "cluster": context.name(),
            "nodeup": nodeup,
            "exports": exports,
            "proxy": proxy(context.cluster),
            "compressed": if compressed { packed(&kube_env)? } else { String::new() },
            "kube_env": kube_env.trim_end(),
        });
        script_template()
            .and_then(|template| template.render(&data))
            .map_err(|report| NodeupError::Invalid(report.to_string()))
    }
}

impl ConfigServer {
    fn of(cluster: &Cluster, ca_certificates: String, addresses: &[String]) -> Self {
        let name = format!("kops-controller.internal.{}", cluster.metadata.name);
        let url = |host: &str| {
            let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
            format!("https://{host}:{KOPS_CONTROLLER_PORT}/")
        };
        if addresses.is_empty() {
            return Self { servers: vec![url(&name)], tls_server_name: String::new(), ca_certificates };
        }
        Self { servers: addresses.iter().map(|a| url(a)).collect(), tls_server_name: name, ca_certificates }
    }
}

fn script_template() -> Result<&'static Template, Report> {
    static TEMPLATE: OnceLock<Result<Template, Report>> = OnceLock::new();
    let parse = || Template::parse("boot.sh", include_str!("../../../../templates/boot/boot.sh"));
    TEMPLATE.get_or_init(parse).as_ref().map_err(Clone::clone)
}

/// Variables for nodeup and what it starts.
fn exports(cluster: &Cluster, group: &InstanceGroup, environment: &Environment) -> BTreeMap<&'static str, String> {
    let mut exports = BTreeMap::new();
    if let Some(limit) = environment.get(env::GOSSIP_DNS_CONN_LIMIT) {
        exports.insert(env::GOSSIP_DNS_CONN_LIMIT, limit.to_owned());
    }
    if cluster.is_on_gce() {
        return exports;
    }
    if environment.get(env::S3_ENDPOINT).is_some() && group.is_control_plane() {
        for name in [env::S3_ENDPOINT, env::S3_REGION, env::S3_ACCESS_KEY_ID, env::S3_SECRET_ACCESS_KEY] {
            exports.insert(name, environment.get(name).unwrap_or_default().to_owned());
        }
    }
    let region = region_of(cluster);
    if !region.is_empty() {
        exports.insert(env::AWS_REGION, region);
    }
    exports
}

/// The proxy for the shell; null without one.
fn proxy(cluster: &Cluster) -> Value {
    let Some(proxy) = cluster.spec.egress_proxy.as_ref().filter(|proxy| !proxy.http_proxy.host.is_empty()) else {
        return Value::Null;
    };
    let host = &proxy.http_proxy.host;
    let scheme = if host.starts_with("http://") { "" } else { "http://" };
    let port = if proxy.http_proxy.port == 0 { String::new() } else { format!(":{}", proxy.http_proxy.port) };
    json!({"url": quoted(&format!("{scheme}{host}{port}")), "excludes": quoted(&proxy.excludes)})
}

/// A string quoted for a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:,@%+=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A string gzipped and in base64, deterministic.
fn packed(text: &str) -> Result<String, NodeupError> {
    let fail =
        |error: std::io::Error| NodeupError::Invalid(format!("the boot configuration cannot be compressed: {error}"));
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).map_err(fail)?;
    Ok(STANDARD.encode(encoder.finish().map_err(fail)?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn words_are_quoted_only_where_a_shell_would_change_them() {
        assert_eq!(quoted("https://a.b/c,https://d"), "https://a.b/c,https://d");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("a b$c"), "'a b$c'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }

    #[test]
    fn packing_is_reversible_and_repeats() {
        let text = "ClusterName: a\n".repeat(20);
        let once = packed(&text).unwrap();
        assert_eq!(once, packed(&text).unwrap());
        let mut unpacked = String::new();
        let bytes = STANDARD.decode(once).unwrap();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(bytes.as_slice()), &mut unpacked).unwrap();
        assert_eq!(unpacked, text);
    }

    #[test]
    fn addresses_come_with_the_name_in_the_certificate() {
        let mut cluster = Cluster::default();
        cluster.metadata.name = "a.k8s.local".to_owned();
        let by_name = ConfigServer::of(&cluster, String::new(), &[]);
        assert_eq!(by_name.servers, ["https://kops-controller.internal.a.k8s.local:3988/"]);
        assert_eq!(by_name.tls_server_name, "");
        let by_address = ConfigServer::of(&cluster, String::new(), &["10.0.0.1".to_owned(), "fd00::1".to_owned()]);
        assert_eq!(by_address.servers, ["https://10.0.0.1:3988/", "https://[fd00::1]:3988/"]);
        assert_eq!(by_address.tls_server_name, "kops-controller.internal.a.k8s.local");
    }
}
