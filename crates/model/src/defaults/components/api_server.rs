//! kube-apiserver and the issuer of service account tokens.

use super::ComponentContext;
use crate::defaults::DefaultsError;
use crate::facts::region_of;
use kopsform_env::features::Feature;
use kopsform_spec::address::S3Location;
use kopsform_spec::v1alpha2::Cluster;
use kopsform_spec::versions::parse_tolerant;

/// The admission plugins that kops always enables.
const ADMISSION_PLUGINS: [&str; 11] = [
    "DefaultStorageClass",
    "DefaultTolerationSeconds",
    "LimitRanger",
    "MutatingAdmissionWebhook",
    "NamespaceLifecycle",
    "NodeRestriction",
    "ResourceQuota",
    "RuntimeClass",
    "ServiceAccount",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionWebhook",
];

pub(super) fn api_server(cluster: &mut Cluster, context: &ComponentContext<'_>) -> Result<(), DefaultsError> {
    let ipv6 = cluster.is_ipv6_only();
    let spec = &mut cluster.spec;
    let members = spec.etcd_clusters.iter().find(|c| c.name == "main").map_or(0, |c| c.etcd_members.len());
    let members = i32::try_from(members).unwrap_or(i32::MAX);
    let config = spec.kube_api_server.get_or_insert_default();
    let one = |text: &str| vec![text.to_owned()];

    if members == 0 && config.api_server_count.is_none() {
        return Err(DefaultsError::Invalid("spec.etcdClusters: the cluster \"main\" has no members".to_owned()));
    }
    config.api_server_count.get_or_insert(members);
    if config.storage_backend.is_none() {
        let version = spec.etcd_clusters.first().map(|c| c.version.as_str()).unwrap_or_default();
        let major = parse_tolerant(version).map(|v| v.major);
        let major = major.ok_or_else(|| DefaultsError::Invalid(format!("etcd version {version:?} is no version")))?;
        config.storage_backend = Some(format!("etcd{major}"));
    }
    if config.kubelet_preferred_address_types.is_empty() {
        config.kubelet_preferred_address_types = ["InternalIP", "Hostname", "ExternalIP"].map(str::to_owned).to_vec();
    }
    if spec.authentication.as_ref().is_some_and(|a| a.kopeio.is_some()) {
        config.authentication_token_webhook_config_file = Some("/etc/kubernetes/authn.config".to_owned());
    }
    match &spec.authorization {
        Some(a) if a.always_allow.is_some() => config.authorization_mode = Some("AlwaysAllow".to_owned()),
        Some(a) if a.rbac.is_some() => config.authorization_mode = Some("Node,RBAC".to_owned()),
        _ => {}
    }
    config.requestheader_allowed_names = one("aggregator");
    config.requestheader_extra_header_prefixes = one("X-Remote-Extra-");
    config.requestheader_group_headers = one("X-Remote-Group");
    config.requestheader_username_headers = one("X-Remote-User");

    config.image = context.kubernetes_image("kube-apiserver");
    if !context.version.at_least(1, 33) {
        config.cloud_provider = "external".to_owned();
    }
    config.log_level = 2;
    config.secure_port = 443;
    config.bind_address = if ipv6 { "::" } else { "0.0.0.0" }.to_owned();
    config.allow_privileged = Some(true);
    config.service_cluster_ip_range.clone_from(&spec.service_cluster_ip_range);

    let side_scheme = if context.features.enabled(Feature::EtcdEventsHttp) { "http" } else { "https" };
    config.etcd_servers.clear();
    config.etcd_servers_overrides.clear();
    for etcd in &spec.etcd_clusters {
        match etcd.name.as_str() {
            "main" => config.etcd_servers.push("https://127.0.0.1:4001".to_owned()),
            "events" => config.etcd_servers_overrides.push(format!("/events#{side_scheme}://127.0.0.1:4002")),
            "leases" => {
                config
                    .etcd_servers_overrides
                    .push(format!("coordination.k8s.io/leases#{side_scheme}://127.0.0.1:4004"));
            }
            _ => {}
        }
    }

    config.enable_admission_plugins = ADMISSION_PLUGINS.map(str::to_owned).to_vec();
    config.enable_admission_plugins.extend(config.append_admission_plugins.iter().cloned());
    config.anonymous_auth = Some(false);
    config.insecure_bind_address.clear();
    config.insecure_port = None;
    if spec.metrics_server.as_ref().is_some_and(|m| m.enabled == Some(true)) {
        config.enable_aggregator_routing.get_or_insert(true);
    }
    Ok(())
}

pub(super) fn service_account_issuer(
    cluster: &mut Cluster,
    context: &ComponentContext<'_>,
) -> Result<(), DefaultsError> {
    let default_issuer = issuer(cluster, context)?;
    let config = cluster.spec.kube_api_server.get_or_insert_default();
    if config.api_audiences.is_empty() {
        config.api_audiences = vec!["kubernetes.svc.default".to_owned()];
    }
    let issuer = config.service_account_issuer.get_or_insert(default_issuer);
    config.service_account_jwksuri = Some(format!("{issuer}/openid/v1/jwks"));
    Ok(())
}

/// The default issuer of service account tokens: the public address of the discovery documents, or an API server where there
/// are none.
fn issuer(cluster: &Cluster, context: &ComponentContext<'_>) -> Result<String, DefaultsError> {
    let spec = &cluster.spec;
    if let Some(discovery) = &spec.service_account_issuer_discovery {
        if !discovery.discovery_store.is_empty() {
            return store_url(cluster, &discovery.discovery_store, context);
        }
        if let Some(service) = &discovery.discovery_service {
            if service.url.is_empty() {
                return Err(DefaultsError::Missing { field: "serviceAccountIssuerDiscovery.discoveryService.url" });
            }
            return Ok(service.url.clone());
        }
    }
    let anonymous = spec.kube_api_server.as_ref().is_some_and(|a| a.anonymous_auth == Some(true));
    let everyone = spec.kubernetes_api_access.iter().any(|cidr| cidr == "0.0.0.0/0" || cidr == "::/0");
    if anonymous && everyone && !spec.master_public_name.is_empty() {
        return Ok(format!("https://{}", spec.master_public_name));
    }
    Ok(format!("https://api.internal.{}", context.name))
}

/// The HTTPS URL of an address in S3 or Cloud Storage.
fn store_url(cluster: &Cluster, store: &str, context: &ComponentContext<'_>) -> Result<String, DefaultsError> {
    let bad =
        || DefaultsError::BadStore { field: "serviceAccountIssuerDiscovery.discoveryStore", value: store.to_owned() };
    if cluster.is_on_gce() {
        let path = store.strip_prefix("gs://").ok_or_else(bad)?;
        return Ok(format!("https://storage.googleapis.com/{}", path.trim_end_matches('/')));
    }
    let location = S3Location::parse(store).map_err(|_| bad())?;
    let region = match context.facts.buckets.get(&location.bucket) {
        Some(fact) if !fact.region.is_empty() => fact.region.clone(),
        _ => region_of(cluster),
    };
    Ok(location.https_url(&region, cluster.is_ipv6_only()))
}
