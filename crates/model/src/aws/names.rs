//! Names of what a cluster is made of, each in one place: kops' names, dots included.

use kopsform_spec::names::{HashSuffix, load_balancer_name, truncate};
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupRole};

use crate::Context;

/// Names that follow from the cluster's name.
impl Context<'_> {
    /// VPC, gateways, DHCP options and the public route table.
    pub fn vpc_name(&self) -> &str {
        self.name()
    }

    /// A name followed by the cluster's, which is how most things are called.
    pub fn qualified(&self, name: &str) -> String {
        format!("{name}.{}", self.name())
    }

    /// A subnet of the spec.
    pub fn subnet_name(&self, subnet: &str) -> String {
        self.qualified(subnet)
    }

    /// The security group of a role's instances. API servers share that of the control plane.
    pub fn security_group_name(&self, role: InstanceGroupRole) -> String {
        self.qualified(match role {
            InstanceGroupRole::Bastion => "bastion",
            InstanceGroupRole::Node => "nodes",
            InstanceGroupRole::ControlPlane | InstanceGroupRole::ApiServer => "masters",
        })
    }

    /// The security group of a load balancer: `api` or `bastion`.
    pub fn load_balancer_security_group_name(&self, prefix: &str) -> String {
        format!("{prefix}-elb.{}", self.name())
    }

    /// A load balancer as the graph calls it.
    pub fn load_balancer(&self, prefix: &str) -> String {
        self.qualified(prefix)
    }

    /// A load balancer or target group as AWS calls it, at most 32 characters.
    pub fn load_balancer_name(&self, prefix: &str) -> String {
        load_balancer_name(self.name(), prefix)
    }

    /// Auto scaling group and launch template of an instance group.
    pub fn autoscaling_group_name(&self, group: &InstanceGroup) -> String {
        let name = &group.metadata.name;
        match group.role() {
            InstanceGroupRole::ControlPlane => format!("{name}.masters.{}", self.name()),
            InstanceGroupRole::ApiServer => format!("{name}.apiservers.{}", self.name()),
            InstanceGroupRole::Node | InstanceGroupRole::Bastion => self.qualified(name),
        }
    }

    /// Role and instance profile of a role's instances, at most 64 characters.
    pub fn iam_name(&self, role: InstanceGroupRole) -> String {
        let name = self.qualified(match role {
            InstanceGroupRole::ControlPlane => "masters",
            InstanceGroupRole::ApiServer => "apiservers",
            InstanceGroupRole::Bastion => "bastions",
            InstanceGroupRole::Node => "nodes",
        });
        truncate(&name, 64, HashSuffix::WhenCut)
    }

    /// The route table of a zone's private subnets.
    pub fn private_route_table_name(&self, zone: &str) -> String {
        format!("private-{zone}.{}", self.name())
    }

    /// The route table of a zone's public subnets, in IPv6 clusters.
    pub fn public_route_table_name(&self, zone: &str) -> String {
        format!("public-{zone}.{}", self.name())
    }
}
