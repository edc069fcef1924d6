//! Service accounts of instances, and what they may do.

use std::collections::BTreeSet;

use super::resources::{BucketIamMember, BucketRole, ProjectIamBinding, ServiceAccount};
use crate::{Context, Graph, GraphError, In, Layer, Ref};
use kopsform_spec::address::StoreUrl;
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupRole};

/// The role that lets the control plane manage instances, disks, routes and load balancers.
const CONTROL_PLANE_ROLE: &str = "roles/container.serviceAgent";

/// An account that instances share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Account {
    ControlPlane,
    Node,
    Bastion,
}

impl Account {
    /// API servers have the account of the control plane: they run the same components.
    fn of(role: InstanceGroupRole) -> Self {
        match role {
            InstanceGroupRole::ControlPlane | InstanceGroupRole::ApiServer => Self::ControlPlane,
            InstanceGroupRole::Node => Self::Node,
            InstanceGroupRole::Bastion => Self::Bastion,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::ControlPlane => "control-plane",
            Self::Node => "node",
            Self::Bastion => "bastion",
        }
    }

    /// The name in the names of bindings.
    fn plain_name(self) -> &'static str {
        match self {
            Self::ControlPlane => "controlplane",
            other => other.name(),
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::ControlPlane => "kubernetes control-plane instances",
            Self::Node => "kubernetes worker nodes",
            Self::Bastion => "bastion nodes",
        }
    }

    fn node(self) -> Ref<ServiceAccount> {
        Ref::new(self.name())
    }
}

/// Adds an account for each role that has groups, unless the spec names one for all instances.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    if given(context).is_some() {
        return Ok(());
    }
    let accounts: BTreeSet<Account> = context.all_groups.iter().map(|group| Account::of(group.role())).collect();
    for account in accounts {
        let resource = ServiceAccount {
            account_id: context.account_id(account.name()),
            project: context.project().to_owned(),
            display_name: account.name().to_owned(),
            description: account.description().to_owned(),
        };
        graph.add(Layer::Cluster, account.name(), resource)?;
        match account {
            Account::ControlPlane => build_control_plane_access(context, graph)?,
            // They get their configuration from kops-controller, except where they have to find that first.
            Account::Node if reads_store(context) => {
                if let Some(bucket) = bucket_of(&context.cluster.spec.config_base) {
                    bind(graph, account, bucket, BucketRole::ObjectViewer)?;
                }
            }
            Account::Node | Account::Bastion => {}
        }
    }
    Ok(())
}

fn build_control_plane_access(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    let account = Account::ControlPlane;
    let binding = ProjectIamBinding {
        project: context.project().to_owned(),
        role: CONTROL_PLANE_ROLE.to_owned(),
        member: account.node(),
    };
    graph.add(Layer::Cluster, format!("serviceaccount-{}", account.name()), binding)?;
    let backups: BTreeSet<String> = backup_stores(context).filter_map(bucket_of).collect();
    let state = bucket_of(&context.cluster.spec.config_base).filter(|bucket| !backups.contains(bucket));
    for bucket in backups {
        bind(graph, account, bucket, BucketRole::ObjectAdmin)?;
    }
    state.map_or(Ok(()), |bucket| bind(graph, account, bucket, BucketRole::ObjectViewer))
}

fn bind(graph: &mut Graph, account: Account, bucket: String, role: BucketRole) -> Result<(), GraphError> {
    let kind = match role {
        BucketRole::ObjectAdmin => "objectadmin",
        BucketRole::ObjectViewer => "objectviewer",
    };
    let name = format!("{kind}-{bucket}-serviceaccount-{}", account.plain_name());
    let member = BucketIamMember { bucket, role, member: account.node() };
    graph.add(Layer::Security, name, member).map(|_| ())
}

/// Whether workers read the state store, because gossip is all they could find kops-controller by.
fn reads_store(context: &Context<'_>) -> bool {
    context.is_gossip() && !context.cluster.uses_load_balancer_for_kops_controller()
}

fn backup_stores<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a str> {
    let backups = context.cluster.spec.etcd_clusters.iter().filter_map(|etcd| etcd.backups.as_ref());
    backups.map(|backups| backups.backup_store.as_str()).filter(|store| !store.is_empty())
}

/// The bucket of Cloud Storage that a store is in; other stores have no bindings.
fn bucket_of(store: &str) -> Option<String> {
    match StoreUrl::parse(store) {
        Ok(StoreUrl::Gs { bucket, .. }) => Some(bucket),
        _ => None,
    }
}

/// The account that the spec names for all instances.
fn given<'a>(context: &Context<'a>) -> Option<&'a str> {
    let account = context.cluster.spec.cloud_config.as_ref()?.gce_service_account.as_str();
    (!account.is_empty()).then_some(account)
}

/// The account of a group's instances.
pub(super) fn account_of(context: &Context<'_>, group: &InstanceGroup) -> In<ServiceAccount> {
    match given(context) {
        Some(account) => account.into(),
        None => Account::of(group.role()).node().into(),
    }
}

/// What the identity of a group's instances may be used for.
pub(super) fn scopes(context: &Context<'_>, group: &InstanceGroup) -> Vec<String> {
    let writes_backups = group.is_control_plane() && backup_stores(context).next().is_some();
    let storage = if writes_backups { "devstorage.read_write" } else { "devstorage.read_only" };
    let dns = group.has_api_server().then_some("ndev.clouddns.readwrite");
    let common = ["compute", "monitoring", "logging.write", "cloud-platform", storage];
    let scopes = common.into_iter().chain(dns);
    scopes.map(|scope| format!("https://www.googleapis.com/auth/{scope}")).collect()
}
