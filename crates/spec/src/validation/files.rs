//! Files that settings of components name, against what puts files on instances: file assets, hooks and user data.
//!
//! A component whose file is missing exits at its start, and kops does not look.

use super::checker::Checker;
use super::{Scope, Specs};
use crate::v1alpha2::{
    Cluster, FileAsset, FileAssetRole, Hook, HookPlace, InstanceGroup, InstanceGroupRole, KubeletConfig,
};
use kopsform_diagnostics::Rule;

/// Where file assets without a path go.
const ASSETS: &str = "/srv/kubernetes/assets";
/// Directories that the node software fills with certificates, keys and similar files.
const OF_NODEUP: [&str; 2] = ["/srv/kubernetes/", "/var/lib/kube"];
/// Certificate authorities that instances have: those of the operating system, and the cluster's own.
const AUTHORITIES: [&str; 7] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/etc/pki/tls/",
    "/etc/pki/ca-trust/",
    "/usr/share/ca-certificates/",
    "/srv/kubernetes/ca.crt",
];
/// The authenticator's configuration, which the node software writes.
const AUTHENTICATOR: &str = "/etc/kubernetes/authn.config";

/// A setting that names a file.
struct Setting<'a> {
    path: String,
    file: &'a str,
    /// Directories and files that are on instances anyway.
    there: &'static [&'static str],
}

/// Settings of the cluster.
pub(super) fn check_cluster(cx: &mut Checker<'_>, specs: &Specs<'_>) {
    let cluster = &specs.cluster.object;
    let control_plane: &[InstanceGroupRole] = &[InstanceGroupRole::ControlPlane, InstanceGroupRole::ApiServer];
    let api_server = Instances::of(specs, control_plane);
    for setting in of_api_server(cluster) {
        api_server.need(cx, &setting);
    }
    let controllers = Instances::of(specs, &control_plane[..1]);
    for setting in of_controllers(cluster) {
        controllers.need(cx, &setting);
    }
    let all: &[InstanceGroupRole] =
        &[InstanceGroupRole::ControlPlane, InstanceGroupRole::ApiServer, InstanceGroupRole::Node];
    if let Some(kubelet) = &cluster.spec.kubelet {
        let instances = Instances::of(specs, all);
        of_kubelet("spec.kubelet", kubelet).iter().for_each(|setting| instances.need(cx, setting));
    }
    if let Some(kubelet) = &cluster.spec.master_kubelet {
        of_kubelet("spec.masterKubelet", kubelet).iter().for_each(|setting| controllers.need(cx, setting));
    }
}

/// Settings of a group.
pub(super) fn check_group(cx: &mut Checker<'_>, group: &InstanceGroup, cluster: &Cluster) {
    let Some(kubelet) = &group.spec.kubelet else { return };
    let instances = Instances { cluster, groups: vec![group], roles: vec![group.role()], known: true };
    of_kubelet("spec.kubelet", kubelet).iter().for_each(|setting| instances.need(cx, setting));
}

fn of_api_server(cluster: &Cluster) -> Vec<Setting<'_>> {
    let Some(server) = &cluster.spec.kube_api_server else { return Vec::new() };
    let mut settings: Vec<(String, &str, &'static [&'static str])> = [
        ("auditPolicyFile", server.audit_policy_file.as_str(), &[][..]),
        ("auditWebhookConfigFile", &server.audit_webhook_config_file, &[]),
        ("admissionControlConfigFile", &server.admission_control_config_file, &[]),
        ("authenticationConfigFile", &server.authentication_config_file, &[]),
        ("authorizationWebhookConfigFile", or_empty(&server.authorization_webhook_config_file), &[]),
        ("tokenAuthFile", &server.token_auth_file, &OF_NODEUP),
        ("oidcCAFile", or_empty(&server.oidc_ca_file), &AUTHORITIES),
        ("clientCAFile", &server.client_ca_file, &OF_NODEUP),
        ("proxyClientCertFile", or_empty(&server.proxy_client_cert_file), &OF_NODEUP),
        ("proxyClientKeyFile", or_empty(&server.proxy_client_key_file), &OF_NODEUP),
    ]
    .into_iter()
    .map(|(field, file, there)| (field.to_owned(), file, there))
    .collect();
    settings.push((
        "authenticationTokenWebhookConfigFile".to_owned(),
        or_empty(&server.authentication_token_webhook_config_file),
        if cluster.spec.authentication.is_some() { &[AUTHENTICATOR] } else { &[] },
    ));
    // With encryptionConfig, the file comes from a secret.
    if cluster.spec.encryption_config != Some(true) {
        let file = or_empty(&server.encryption_provider_config);
        settings.push(("encryptionProviderConfig".to_owned(), file, &[]));
    }
    for (i, file) in server.service_account_key_file.iter().enumerate() {
        settings.push((format!("serviceAccountKeyFile[{i}]"), file, &OF_NODEUP));
    }
    settings
        .into_iter()
        .map(|(field, file, there)| Setting { path: format!("spec.kubeAPIServer.{field}"), file, there })
        .collect()
}

fn of_controllers(cluster: &Cluster) -> Vec<Setting<'_>> {
    let manager = cluster.spec.kube_controller_manager.as_ref().map(|manager| {
        [
            ("tlsCertFile", or_empty(&manager.tls_cert_file)),
            ("tlsPrivateKeyFile", manager.tls_private_key_file.as_str()),
        ]
        .map(|(field, file)| (format!("spec.kubeControllerManager.{field}"), file))
    });
    let scheduler = cluster.spec.kube_scheduler.as_ref().map(|scheduler| {
        [
            ("tlsCertFile", or_empty(&scheduler.tls_cert_file)),
            ("tlsPrivateKeyFile", scheduler.tls_private_key_file.as_str()),
        ]
        .map(|(field, file)| (format!("spec.kubeScheduler.{field}"), file))
    });
    let all = manager.into_iter().chain(scheduler).flatten();
    all.map(|(path, file)| Setting { path, file, there: &OF_NODEUP }).collect()
}

fn of_kubelet<'a>(base: &str, kubelet: &'a KubeletConfig) -> Vec<Setting<'a>> {
    [
        ("clientCaFile", &kubelet.client_ca_file),
        ("tlsCertFile", &kubelet.tls_cert_file),
        ("tlsPrivateKeyFile", &kubelet.tls_private_key_file),
    ]
    .map(|(field, file)| Setting { path: format!("{base}.{field}"), file, there: &OF_NODEUP })
    .into()
}

fn or_empty(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

/// The instances that a component runs on.
struct Instances<'a> {
    cluster: &'a Cluster,
    /// Their groups, if known.
    groups: Vec<&'a InstanceGroup>,
    /// Their roles.
    roles: Vec<InstanceGroupRole>,
    /// Whether these are all groups.
    known: bool,
}

/// How sure it is that instances get a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Delivery {
    /// Nothing brings it.
    None,
    /// A hook or user data may write it: they can run anything.
    Possible,
    /// Something names its path.
    Sure,
}

impl<'a> Instances<'a> {
    fn of(specs: &Specs<'a>, roles: &[InstanceGroupRole]) -> Self {
        let groups: Vec<&InstanceGroup> =
            specs.groups.iter().map(|group| &group.object).filter(|group| roles.contains(&group.role())).collect();
        let mut present: Vec<InstanceGroupRole> =
            roles.iter().copied().filter(|role| groups.iter().any(|group| group.role() == *role)).collect();
        let known = specs.scope == Scope::Whole || !groups.is_empty();
        if present.is_empty() {
            present.extend(roles.first());
        }
        Self { cluster: &specs.cluster.object, groups, roles: present, known }
    }

    /// Reports a file that not all of these instances get.
    fn need(&self, cx: &mut Checker<'_>, setting: &Setting<'_>) {
        let Setting { path, file, there } = setting;
        // Paths that are not absolute are reported as such.
        if !file.starts_with('/') || there.iter().any(|known| file.starts_with(known)) {
            return;
        }
        // Operating systems have a file for each authority they trust.
        if file.starts_with("/etc/ssl/certs/") && file.ends_with(".pem") {
            return;
        }
        let (delivery, lacking) = if self.groups.is_empty() {
            let worst = self.roles.iter().map(|role| self.to_role(*role, file)).min();
            (worst.unwrap_or(Delivery::None), None)
        } else {
            let of_group = |group: &&'a InstanceGroup| (self.to_group(group, file), Some(group.metadata.name.as_str()));
            self.groups.iter().map(of_group).min_by_key(|(delivery, _)| *delivery).unwrap_or((Delivery::Sure, None))
        };
        if delivery == Delivery::Sure {
            return;
        }
        let to = match lacking {
            Some(group) => format!("the instances of {group}"),
            None => format!("instances of role {}", role_name(self.roles.first().copied())),
        };
        let message = format!("nothing puts {file} on {to}, and the component exits without it");
        let hint = self.hint(file);
        // Groups that are not among the files may bring it. Only a machine image puts files into the root directory.
        let of_image = file.rfind('/') == Some(0);
        if delivery == Delivery::None && self.known && !of_image {
            cx.strict(Rule::MissingFile, path, (message, hint));
        } else {
            cx.warning(Rule::MissingFile, path, (message, hint));
        }
    }

    fn hint(&self, file: &str) -> String {
        let role = role_name(self.roles.first().copied());
        let groups = self.groups.iter().flat_map(|group| &group.spec.file_assets);
        match self.cluster.spec.file_assets.iter().chain(groups).find(|asset| goes_to(asset, file)) {
            Some(asset) => format!("write `roles: [{role}]` in the file asset {}", asset.name),
            None => format!("add it to spec.fileAssets with `roles: [{role}]`"),
        }
    }

    /// What the cluster's spec brings to instances of a role.
    fn to_role(&self, role: InstanceGroupRole, file: &str) -> Delivery {
        let spec = &self.cluster.spec;
        let hooks = hooks(&spec.hooks, HookPlace::Cluster, role, file);
        if brings(&spec.file_assets, role, file) { Delivery::Sure } else { hooks }
    }

    fn to_group(&self, group: &InstanceGroup, file: &str) -> Delivery {
        let (spec, role) = (&group.spec, group.role());
        if brings(&spec.file_assets, role, file) {
            return Delivery::Sure;
        }
        let mounted = spec.volume_mounts.iter().any(|mount| {
            let below = file.strip_prefix(mount.path.trim_end_matches('/'));
            !mount.path.is_empty() && below.is_some_and(|rest| rest.starts_with('/'))
        });
        let scripts = spec.additional_user_data.iter().map(|part| writes(&part.content, file)).max();
        let own = hooks(&spec.hooks, HookPlace::InstanceGroup, role, file);
        let mounted = if mounted { Delivery::Possible } else { Delivery::None };
        self.to_role(role, file).max(own).max(mounted).max(scripts.unwrap_or(Delivery::None))
    }
}

fn role_name(role: Option<InstanceGroupRole>) -> &'static str {
    match role {
        Some(InstanceGroupRole::Node) => "Node",
        Some(InstanceGroupRole::ApiServer) => "APIServer",
        Some(InstanceGroupRole::Bastion) => "Bastion",
        Some(InstanceGroupRole::ControlPlane) | None => "ControlPlane",
    }
}

fn goes_to(asset: &FileAsset, file: &str) -> bool {
    if asset.path.is_empty() {
        return file.strip_prefix(ASSETS).and_then(|rest| rest.strip_prefix('/')) == Some(asset.name.as_str());
    }
    asset.path == file
}

fn brings(assets: &[FileAsset], role: InstanceGroupRole, file: &str) -> bool {
    let wanted = match role {
        InstanceGroupRole::ControlPlane => FileAssetRole::ControlPlane,
        InstanceGroupRole::ApiServer => FileAssetRole::ApiServer,
        InstanceGroupRole::Node => FileAssetRole::Node,
        InstanceGroupRole::Bastion => FileAssetRole::Bastion,
    };
    assets.iter().any(|asset| goes_to(asset, file) && (asset.roles.is_empty() || asset.roles.contains(&wanted)))
}

fn hooks(hooks: &[Hook], place: HookPlace, role: InstanceGroupRole, file: &str) -> Delivery {
    let runs =
        |hook: &&Hook| hook.enabled(place) != Some(false) && (hook.roles.is_empty() || hook.roles.contains(&role));
    let of_hook = |hook: &Hook| {
        let container = hook.exec_container.iter().flat_map(|c| c.command.iter().chain(c.environment.values()));
        container.chain([&hook.manifest]).map(|text| writes(text, file)).max().unwrap_or(Delivery::None)
    };
    hooks.iter().filter(runs).map(of_hook).max().unwrap_or(Delivery::None)
}

/// Whether a script writes a file, as far as its text shows it.
fn writes(text: &str, file: &str) -> Delivery {
    let name = file.rsplit('/').next().unwrap_or(file);
    if text.contains(name) {
        Delivery::Sure
    } else if text.trim().is_empty() {
        Delivery::None
    } else {
        Delivery::Possible
    }
}
