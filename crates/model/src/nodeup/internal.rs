//! kops' internal API: the names of fields where they differ from v1alpha2.
//!
//! nodeup reads kops' internal types. Most fields are spelled alike; this is the list of those that are not.

use serde::Serialize;
use serde_json::{Map, Value, json};

use kopsform_spec::v1alpha2::{
    Authentication, Cluster, FileAsset, Hook, HookPlace, InstanceGroup, InstanceGroupRole, KubeApiServerConfig,
    KubeControllerManagerConfig, KubeProxyConfig, KubeletConfig,
};

const KUBELET: [(&str, &str); 2] =
    [("authenticationTokenWebhookCacheTtl", "authenticationTokenWebhookCacheTTL"), ("clientCaFile", "clientCAFile")];
const KUBE_PROXY: [(&str, &str); 1] = [("ipvsExcludeCidrs", "ipvsExcludeCIDRs")];
const CONTROLLER_MANAGER: [(&str, &str); 1] = [("concurrentRcSyncs", "concurrentRCSyncs")];
const API_SERVER: [(&str, &str); 4] = [
    ("authorizationRbacSuperUser", "authorizationRBACSuperUser"),
    ("authorizationWebhookCacheAuthorizedTtl", "authorizationWebhookCacheAuthorizedTTL"),
    ("authorizationWebhookCacheUnauthorizedTtl", "authorizationWebhookCacheUnauthorizedTTL"),
    ("etcdCaFile", "etcdCAFile"),
];
const ROOT_VOLUME: [(&str, &str); 7] = [
    ("rootVolumeSize", "size"),
    ("rootVolumeType", "type"),
    ("rootVolumeIops", "iops"),
    ("rootVolumeThroughput", "throughput"),
    ("rootVolumeOptimization", "optimization"),
    ("rootVolumeEncryption", "encryption"),
    ("rootVolumeEncryptionKey", "encryptionKey"),
];
/// OpenID Connect has moved from the API server to the authentication settings: old name, new name.
const OPEN_ID: [(&str, &str); 5] = [
    ("oidcClientID", "clientID"),
    ("oidcGroupsPrefix", "groupsPrefix"),
    ("oidcIssuerURL", "issuerURL"),
    ("oidcUsernameClaim", "usernameClaim"),
    ("oidcUsernamePrefix", "usernamePrefix"),
];

/// The kubelet configuration.
pub(super) fn kubelet(config: &KubeletConfig) -> Result<Value, serde_json::Error> {
    renamed(config, &KUBELET)
}

/// The kube-proxy configuration.
pub(super) fn kube_proxy(config: &KubeProxyConfig) -> Result<Value, serde_json::Error> {
    renamed(config, &KUBE_PROXY)
}

/// The configuration of the controller manager.
pub(super) fn controller_manager(config: &KubeControllerManagerConfig) -> Result<Value, serde_json::Error> {
    renamed(config, &CONTROLLER_MANAGER)
}

/// The configuration of the API server, without OpenID Connect.
pub(super) fn api_server(config: &KubeApiServerConfig) -> Result<Value, serde_json::Error> {
    let mut value = renamed(config, &API_SERVER)?;
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|name, _| !name.starts_with("oidc") || name == "oidcCAFile");
    }
    Ok(value)
}

/// The authentication settings; `None` where the cluster has none. The settings of the AWS authenticator addon are left out.
pub(super) fn authentication(cluster: &Cluster) -> Result<Option<Value>, serde_json::Error> {
    let Some(written) = &cluster.spec.authentication else { return Ok(None) };
    let trimmed = Authentication { aws: written.aws.as_ref().map(|_| Default::default()), ..written.clone() };
    let mut value = serde_json::to_value(trimmed)?;
    if let (Some(fields), Some(open_id)) = (value.as_object_mut(), open_id(cluster)?) {
        fields.insert("oidc".to_owned(), open_id);
    }
    Ok(Some(value))
}

fn open_id(cluster: &Cluster) -> Result<Option<Value>, serde_json::Error> {
    let Some(config) = &cluster.spec.kube_api_server else { return Ok(None) };
    let mut fields = Map::new();
    if let Value::Object(written) = serde_json::to_value(config)? {
        for (old, new) in OPEN_ID {
            if let Some(value) = written.get(old) {
                fields.insert(new.to_owned(), value.clone());
            }
        }
    }
    if let Some(claims) = &config.oidc_groups_claim {
        fields.insert("groupsClaims".to_owned(), json!(claims.split(',').collect::<Vec<_>>()));
    }
    if !config.oidc_required_claim.is_empty() {
        let claims = config.oidc_required_claim.iter().map(|claim| claim.split_once('=').unwrap_or((claim, "")));
        let claims: Map<String, Value> = claims.map(|(name, value)| (name.to_owned(), json!(value))).collect();
        fields.insert("requiredClaims".to_owned(), Value::Object(claims));
    }
    Ok((!fields.is_empty()).then_some(Value::Object(fields)))
}

/// A hook of this instance's role: `disabled` becomes `enabled`, roles are settled by now.
pub(super) fn hook(hook: &Hook, place: HookPlace) -> Result<Value, serde_json::Error> {
    let mut value = serde_json::to_value(Hook { disabled: None, roles: Vec::new(), ..hook.clone() })?;
    if let (Some(fields), Some(enabled)) = (value.as_object_mut(), hook.enabled(place)) {
        fields.insert("enabled".to_owned(), json!(enabled));
    }
    Ok(value)
}

/// A file of this instance's role.
pub(super) fn file_asset(asset: &FileAsset) -> FileAsset {
    FileAsset { roles: Vec::new(), ..asset.clone() }
}

/// An instance group as kops prints it: without a version, with the internal names.
pub fn instance_group(group: &InstanceGroup) -> Result<Value, serde_json::Error> {
    let mut value = renamed(group, &[])?;
    if let Some(fields) = value.as_object_mut() {
        fields.remove("apiVersion");
        fields.remove("kind");
    }
    let Some(spec) = value.get_mut("spec").and_then(Value::as_object_mut) else { return Ok(value) };
    if group.spec.role.is_some() {
        spec.insert("role".to_owned(), json!(group.role().display_name()));
    }
    let mut volume = Map::new();
    for (written, internal) in ROOT_VOLUME {
        if let Some(value) = spec.remove(written) {
            volume.insert(internal.to_owned(), value);
        }
    }
    spec.remove("rootVolumeDeleteOnTermination");
    if !volume.is_empty() {
        spec.insert("rootVolume".to_owned(), Value::Object(volume));
    }
    if let Some(public) = spec.remove("associatePublicIp") {
        spec.insert("associatePublicIP".to_owned(), public);
    }
    if let Some(config) = &group.spec.kubelet {
        spec.insert("kubelet".to_owned(), kubelet(config)?);
    }
    for balancer in spec.get_mut("externalLoadBalancers").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(arn) = balancer.as_object_mut().and_then(|fields| fields.remove("targetGroupArn")) {
            balancer["targetGroupARN"] = arn;
        }
    }
    for list in ["hooks", "fileAssets"] {
        for item in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(fields) = item.as_object_mut() else { continue };
            // As in [`Hook::enabled`] for groups: renamed, not inverted.
            if let Some(enabled) = fields.remove("disabled") {
                fields.insert("enabled".to_owned(), enabled);
            }
            for role in fields.get_mut("roles").and_then(Value::as_array_mut).into_iter().flatten() {
                if role == "Master" {
                    *role = json!(InstanceGroupRole::ControlPlane.display_name());
                }
            }
        }
    }
    Ok(value)
}

fn renamed<T: Serialize>(config: &T, names: &[(&str, &str)]) -> Result<Value, serde_json::Error> {
    let mut value = serde_json::to_value(config)?;
    if let Some(fields) = value.as_object_mut() {
        for (written, internal) in names {
            if let Some(value) = fields.remove(*written) {
                fields.insert((*internal).to_owned(), value);
            }
        }
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use kopsform_spec::v1alpha2::AwsAuthentication;

    fn config<T: serde::de::DeserializeOwned>(value: Value) -> T {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn every_renamed_field_exists_under_its_old_name() {
        let keeps = |value: Value, names: &[(&str, &str)]| {
            for (old, new) in names {
                assert!(value.get(new).is_some(), "{old} was not renamed to {new}: {value}");
                assert!(value.get(old).is_none(), "{old}");
            }
        };
        let durations = json!({"authenticationTokenWebhookCacheTtl": "1m0s", "clientCaFile": "/ca"});
        keeps(kubelet(&config(durations)).unwrap(), &KUBELET);
        keeps(kube_proxy(&config(json!({"ipvsExcludeCidrs": ["10.0.0.0/8"]}))).unwrap(), &KUBE_PROXY);
        keeps(controller_manager(&config(json!({"concurrentRcSyncs": 3}))).unwrap(), &CONTROLLER_MANAGER);
        let server = json!({
            "authorizationRbacSuperUser": "root", "authorizationWebhookCacheAuthorizedTtl": "1m",
            "authorizationWebhookCacheUnauthorizedTtl": "1m", "etcdCaFile": "/ca",
        });
        keeps(api_server(&config(server)).unwrap(), &API_SERVER);
    }

    #[test]
    fn open_id_moves_to_authentication() {
        let mut cluster = Cluster::default();
        cluster.spec.authentication = Some(Authentication {
            aws: Some(AwsAuthentication { image: "i".to_owned(), ..Default::default() }),
            kopeio: None,
        });
        cluster.spec.kube_api_server = Some(config(json!({
            "oidcIssuerURL": "https://login", "oidcClientID": "me", "oidcGroupsClaim": "a,b",
            "oidcRequiredClaim": ["team=x"], "oidcCAFile": "/ca", "logLevel": 2,
        })));
        let server = api_server(cluster.spec.kube_api_server.as_ref().unwrap()).unwrap();
        assert_eq!(server, json!({"logLevel": 2, "oidcCAFile": "/ca"}));
        let open_id = json!({
            "issuerURL": "https://login", "clientID": "me", "groupsClaims": ["a", "b"], "requiredClaims": {"team": "x"},
        });
        assert_eq!(authentication(&cluster).unwrap().unwrap(), json!({"aws": {}, "oidc": open_id}));
    }

    #[test]
    fn a_disabled_hook_of_a_cluster_is_not_enabled_and_one_of_a_group_is() {
        let disabled: Hook = config(json!({"name": "h", "disabled": true, "roles": ["Node"]}));
        assert_eq!(hook(&disabled, HookPlace::Cluster).unwrap(), json!({"name": "h", "enabled": false}));
        assert_eq!(hook(&disabled, HookPlace::InstanceGroup).unwrap(), json!({"name": "h", "enabled": true}));
    }

    #[test]
    fn a_printed_group_has_the_internal_names() {
        let group: InstanceGroup = config(json!({
            "apiVersion": "kops.k8s.io/v1alpha2", "kind": "InstanceGroup", "metadata": {"name": "cp"},
            "spec": {
                "role": "Master", "rootVolumeSize": 64, "rootVolumeDeleteOnTermination": true,
                "associatePublicIp": true, "externalLoadBalancers": [{"targetGroupArn": "arn:x"}],
                "hooks": [{"name": "h", "disabled": true, "roles": ["Master", "Node"]}],
                "kubelet": {"clientCaFile": "/ca"},
            },
        }));
        assert_eq!(
            instance_group(&group).unwrap(),
            json!({
                "metadata": {"name": "cp"},
                "spec": {
                    "role": "ControlPlane", "rootVolume": {"size": 64}, "associatePublicIP": true,
                    "externalLoadBalancers": [{"targetGroupARN": "arn:x"}],
                    "hooks": [{"name": "h", "enabled": true, "roles": ["ControlPlane", "Node"]}],
                    "kubelet": {"clientCAFile": "/ca"},
                },
            })
        );
    }
}
