//! What several addons ask about the cluster, worked out once.

use serde::Serialize;
use serde_json::Value;

use super::plan::{AddonsError, Content, Plan};
use super::{dns_controller, versions};
use crate::Context;
use crate::assets::image_tag;
use crate::aws::iam::{Component, role_name};
use crate::facts::AccountFact;
use kopsform_spec::cloud::Cloud;
use kopsform_spec::labels;
use kopsform_spec::meta::Quantity;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, InstanceGroupRole, Networking};

/// The namespace of all programs that have a role.
const SYSTEM_NAMESPACE: &str = "kube-system";

/// Values every template has as `.cluster`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClusterValues {
    pub name: String,
    /// `aws` or `gce`.
    pub cloud: &'static str,
    pub region: String,
    /// The project on Google Cloud; empty on AWS.
    pub project: String,
    /// The API's name inside the VPC.
    pub internal_api: String,
    /// Tags for what addons create, `a=b,c=d`.
    pub cloud_labels: String,
    /// kops' version as a label's value.
    pub version_label: String,
    pub gossip: bool,
    pub ipv6: bool,
    /// Whether pods take AWS roles by their service accounts instead of by their node.
    pub irsa: bool,
    pub selinux: bool,
    /// Whether nodes are Karpenter's.
    pub karpenter: bool,
    /// Two where the control plane has several instances.
    pub controller_replicas: u32,
}

/// What the addons are planned for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To be published.
    Manifests,
    /// To learn which images run: asked for by node configurations, so nothing may need those in turn.
    Images,
}

/// The inputs of all addons.
pub(super) struct AddonContext<'a> {
    pub context: &'a Context<'a>,
    pub cluster: &'a Cluster,
    pub purpose: Purpose,
    pub cloud: Cloud,
    pub values: ClusterValues,
    /// The minor release of Kubernetes.
    pub minor: u32,
}

impl<'a> AddonContext<'a> {
    pub fn new(context: &'a Context<'a>, purpose: Purpose) -> Self {
        let (cluster, spec) = (context.cluster, &context.cluster.spec);
        let control_plane = context.all_groups.iter().filter(|group| group.is_control_plane()).count();
        let cloud = cluster.cloud().unwrap_or(Cloud::Aws);
        let irsa = cloud == Cloud::Aws
            && spec.iam.as_ref().is_some_and(|iam| iam.use_service_account_external_permissions == Some(true));
        let values = ClusterValues {
            name: context.name().to_owned(),
            cloud: cloud.name(),
            project: spec.project.clone(),
            region: cluster.region().to_owned(),
            internal_api: format!("api.internal.{}", context.name()),
            cloud_labels: cloud_labels(cluster),
            version_label: format!("v{}", image_tag(context.environment)),
            gossip: context.is_gossip(),
            ipv6: context.is_ipv6_only(),
            irsa,
            selinux: spec.containerd.as_ref().is_some_and(|containerd| containerd.selinux_enabled),
            karpenter: spec.karpenter.as_ref().is_some_and(|karpenter| karpenter.enabled),
            controller_replicas: if control_plane > 1 { 2 } else { 1 },
        };
        Self { context, cluster, purpose, cloud, values, minor: versions::kubernetes_minor(cluster) }
    }

    /// Whether the cluster is on Google Cloud.
    pub fn on_gce(&self) -> bool {
        self.cloud == Cloud::Gce
    }

    /// Whether addons bring storage classes; otherwise the user defines them. Completion has set the field.
    pub fn manages_storage_classes(&self) -> bool {
        self.cluster.spec.cloud_config.as_ref().is_some_and(|config| config.manage_storage_classes == Some(true))
    }

    /// The network plugin's settings.
    pub fn networking(&self) -> Option<&'a Networking> {
        self.cluster.spec.networking.as_ref()
    }

    /// Groups of worker nodes.
    pub fn node_groups(&self) -> impl Iterator<Item = &'a InstanceGroup> {
        self.context.groups.iter().filter(|group| group.role() == InstanceGroupRole::Node)
    }

    /// A manifest of templates that need only the cluster and the images.
    pub fn plain(&self, directory: &'static str, files: Vec<&'static str>) -> Result<Content, AddonsError> {
        self.templates(directory, files, serde_json::Map::new())
    }

    /// A manifest of templates over values, which are joined by `.cluster` and `.images`.
    pub fn templates(
        &self,
        directory: &'static str,
        files: Vec<&'static str>,
        values: impl Serialize,
    ) -> Result<Content, AddonsError> {
        let fail = |source| AddonsError::Values { addon: directory, source };
        let mut values = serde_json::to_value(values).map_err(fail)?;
        if let Some(map) = values.as_object_mut() {
            map.insert("cluster".to_owned(), serde_json::to_value(&self.values).map_err(fail)?);
            // Addons whose registry and version can be set in the spec name their images themselves.
            let tag = image_tag(self.context.environment);
            let images = || serde_json::to_value(versions::images(directory, self.minor, &tag)).map_err(fail);
            if !map.contains_key("images") {
                map.insert("images".to_owned(), images()?);
            }
        }
        Ok(Content::Templates { directory, files, values })
    }

    /// The ARN of the role that pods of a service account take; `None` where they have none.
    ///
    /// dns-controller gets one even where gossip leaves it nothing to do in AWS.
    pub fn role(&self, plan: &Plan, namespace: &str, account: &str) -> Result<Option<String>, AddonsError> {
        let account = if plan.name == dns_controller::NAME { "dns-controller" } else { account };
        let has_role = plan.name == dns_controller::NAME
            || Component::with_roles(self.cluster).any(|program| program.service_account() == account);
        if !has_role || namespace != SYSTEM_NAMESPACE {
            return Ok(None);
        }
        self.role_arn(&role_name(self.cluster, namespace, account)).map(Some)
    }

    /// The ARN of a role of this account.
    pub fn role_arn(&self, role: &str) -> Result<String, AddonsError> {
        let account = self.account()?;
        Ok(format!("arn:{}:iam::{}:role/{role}", account.partition, account.id))
    }

    /// The account that everything is in.
    pub fn account(&self) -> Result<&'a AccountFact, AddonsError> {
        self.context.facts.account.as_ref().ok_or_else(|| AddonsError::Fact {
            addon: "addons",
            reason: "the AWS account was not looked up".to_owned(),
        })
    }

    /// Whether objects that the user stored replace the addon of this name.
    pub fn has_own(&self, addon: &str) -> bool {
        self.context.additional_objects.iter().any(|object| {
            object.pointer("/metadata/labels/addon.kops.k8s.io~1name").and_then(Value::as_str) == Some(addon)
        })
    }
}

/// The cluster's tags as `key=value`, sorted.
fn cloud_labels(cluster: &Cluster) -> String {
    let own = cluster.spec.cloud_labels.iter().map(|(key, value)| format!("{key}={value}"));
    let mut labels: Vec<String> =
        own.chain([format!("{}={}", labels::KUBERNETES_CLUSTER, cluster.metadata.name)]).collect();
    labels.sort();
    labels.join(",")
}

/// An amount as Kubernetes spells it; `None` where the spec has none.
pub(super) fn amount(quantity: Option<&Quantity>) -> Option<String> {
    quantity.map(|quantity| quantity.canonical().unwrap_or_else(|| quantity.clone()).0)
}

/// An amount of the spec, or the addon's own.
pub(super) fn amount_or(quantity: Option<&Quantity>, default: &str) -> String {
    amount(quantity).unwrap_or_else(|| default.to_owned())
}
