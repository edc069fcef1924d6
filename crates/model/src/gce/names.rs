//! Names on Google Cloud, as strings that know which part is the cluster's name.

use super::resources::Labels;
use crate::{Context, Text, text};
use kopsform_spec::names::gce::{self as names, Role};
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupRole};

/// The label with the cluster's name.
pub const CLUSTER_LABEL: &str = "k8s-io-cluster-name";
/// What labels with the etcd clusters of disks begin with.
pub const ETCD_LABEL_PREFIX: &str = "k8s-io-etcd-";
/// The label with the name of the instance group.
pub(super) const GROUP_LABEL: &str = "k8s-io-instance-group";
/// What labels of roles begin with.
pub(super) const ROLE_LABEL_PREFIX: &str = "k8s-io-role-";

/// The roles of a group's instances, as they are in tags and labels.
pub(super) fn roles(role: InstanceGroupRole) -> &'static [Role] {
    match role {
        InstanceGroupRole::ControlPlane => &[Role::ControlPlane, Role::Master],
        InstanceGroupRole::ApiServer => &[Role::ApiServer],
        InstanceGroupRole::Node => &[Role::Node],
        InstanceGroupRole::Bastion => &[Role::Bastion],
    }
}

impl Context<'_> {
    /// The project of the cluster.
    pub fn project(&self) -> &str {
        &self.cluster.spec.project
    }

    /// The cluster's name as names and labels contain it. It is not truncated.
    pub(super) fn dashed_name(&self) -> Text {
        Text::dashed_cluster_name(self.name())
    }

    /// A name that ends or begins with the cluster's, unless that was truncated.
    fn name_with_cluster(&self, name: String, purpose: &str) -> Text {
        let cluster = names::safe_cluster_name(self.name());
        if let Some(start) = name.strip_suffix(&cluster) {
            return text![start, self.dashed_name()];
        }
        match name.strip_prefix(&cluster) {
            Some(rest) => text![self.dashed_name(), rest],
            None => Text::truncated(purpose, name),
        }
    }

    /// The name of a resource: what it is for, then the cluster's name.
    pub(super) fn suffixed(&self, part: &str) -> Text {
        self.name_with_cluster(names::suffixed(part, self.name()), part)
    }

    /// The name of the network of a cluster that has its own.
    pub(super) fn own_network_name(&self) -> Text {
        self.name_with_cluster(names::network(self.name()), "network")
    }

    /// The network tag of the instances of a role.
    pub(super) fn role_tag(&self, role: Role) -> Text {
        self.name_with_cluster(names::role_tag(role, self.name()), &format!("tag-{}", role.name()))
    }

    /// The network tags of the instances of roles.
    pub(super) fn role_tags(&self, roles: &[Role]) -> Vec<Text> {
        roles.iter().map(|role| self.role_tag(*role)).collect()
    }

    /// The id of a service account.
    pub(super) fn account_id(&self, role: &str) -> Text {
        self.name_with_cluster(names::service_account_id(role, self.name()), &format!("account-{role}"))
    }

    /// What the instance templates of a group are called after. It is not truncated, because Google never sees it.
    pub(super) fn template_name(&self, group: &InstanceGroup) -> Text {
        text![&group.metadata.name, "-", self.dashed_name()]
    }

    /// What the names of a group's instance templates begin with.
    pub(super) fn template_prefix(&self, group: &InstanceGroup) -> Text {
        let group = &group.metadata.name;
        let prefix = names::instance_template_prefix(group, self.name());
        let name = prefix.strip_suffix('-').unwrap_or(&prefix).to_owned();
        match name == names::instance_template(group, self.name()) {
            true => text![group, "-", self.dashed_name(), "-"],
            false => text![Text::truncated(format!("template-{group}"), name), "-"],
        }
    }

    /// The name of a group's managed instance group in a zone.
    pub(super) fn managed_group_name(&self, group: &InstanceGroup, zone: &str) -> Text {
        let group = &group.metadata.name;
        let letter = zone.rsplit('-').next().unwrap_or(zone);
        self.name_with_cluster(names::managed_group(zone, group, self.name()), &format!("{letter}-{group}"))
    }

    /// The name of the disk of an etcd member.
    pub(super) fn etcd_disk_name(&self, member: &str, etcd: &str) -> Text {
        self.name_with_cluster(names::etcd_disk(member, etcd, self.name()), &format!("{member}-etcd-{etcd}"))
    }

    /// The label by which the resources of the cluster are found.
    pub(super) fn cluster_labels(&self) -> Labels {
        Labels::from([(CLUSTER_LABEL.into(), self.dashed_name())])
    }
}
