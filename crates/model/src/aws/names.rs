//! Names of what a cluster consists of in AWS, each in one place: kops' names, dots included.

use kopsform_spec::names::{HashSuffix, event_rule_prefix, load_balancer_name, queue_prefix, truncate};
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupRole};

use crate::{Context, Text, text};

/// The most characters of an IAM role's name.
const ROLE_LENGTH: usize = 64;

impl Context<'_> {
    /// VPC, gateways, DHCP options and the public route table.
    pub fn vpc_name(&self) -> Text {
        self.cluster_name()
    }

    /// A subnet of the spec.
    pub fn subnet_name(&self, subnet: &str) -> Text {
        self.qualified(subnet)
    }

    /// The security group of a role's instances. API servers share that of the control plane.
    pub fn security_group_name(&self, role: InstanceGroupRole) -> Text {
        self.qualified(match role {
            InstanceGroupRole::Bastion => "bastion",
            InstanceGroupRole::Node => "nodes",
            InstanceGroupRole::ControlPlane | InstanceGroupRole::ApiServer => "masters",
        })
    }

    /// The security group of a load balancer: `api` or `bastion`.
    pub fn load_balancer_security_group_name(&self, prefix: &str) -> Text {
        self.qualified(text![prefix, "-elb"])
    }

    /// A load balancer as the graph calls it.
    pub fn load_balancer(&self, prefix: &str) -> Text {
        self.qualified(prefix)
    }

    /// A load balancer or target group as AWS calls it, at most 32 characters.
    pub fn load_balancer_name(&self, prefix: &str) -> Text {
        Text::truncated(prefix, load_balancer_name(self.name(), prefix))
    }

    /// Auto scaling group and launch template of an instance group.
    pub fn autoscaling_group_name(&self, group: &InstanceGroup) -> Text {
        let name = group.metadata.name.as_str();
        self.qualified(match group.role() {
            InstanceGroupRole::ControlPlane => text![name, ".masters"],
            InstanceGroupRole::ApiServer => text![name, ".apiservers"],
            InstanceGroupRole::Node | InstanceGroupRole::Bastion => name.into(),
        })
    }

    /// Role and instance profile of a role's instances, at most 64 characters.
    pub fn iam_name(&self, role: InstanceGroupRole) -> Text {
        role_name(
            self.name(),
            match role {
                InstanceGroupRole::ControlPlane => "masters",
                InstanceGroupRole::ApiServer => "apiservers",
                InstanceGroupRole::Bastion => "bastions",
                InstanceGroupRole::Node => "nodes",
            },
        )
    }

    /// The queue of the node termination handler, at most 79 characters.
    pub fn termination_queue_name(&self) -> Text {
        let whole = Text::dashed_cluster_name(self.name());
        let prefix = queue_prefix(self.name());
        if prefix == *whole { whole + "-nth" } else { Text::truncated("queue", format!("{prefix}-nth")) }
    }

    /// The rule that passes on events: `ASGLifecycle`.
    pub fn event_rule_name(&self, event: &str) -> Text {
        let prefix = event_rule_prefix(self.name());
        if prefix == self.name() {
            text![self.cluster_name(), "-", event]
        } else {
            Text::truncated(event, format!("{prefix}-{event}"))
        }
    }

    /// The route table of a zone's private subnets.
    pub fn private_route_table_name(&self, zone: &str) -> Text {
        self.qualified(text!["private-", zone])
    }

    /// The route table of a zone's public subnets, in IPv6 clusters.
    pub fn public_route_table_name(&self, zone: &str) -> Text {
        self.qualified(text!["public-", zone])
    }
}

/// A role by what it is for, followed by the cluster's name and cut to IAM's 64 characters.
pub(super) fn role_name(cluster: &str, purpose: &str) -> Text {
    let name = text![purpose, ".", Text::cluster_name(cluster)];
    let cut = truncate(&name, ROLE_LENGTH, HashSuffix::WhenCut);
    if *name == cut { name } else { Text::truncated(purpose, cut) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Part;
    use crate::fixture::Fixture;

    #[test]
    fn names_that_fit_are_made_of_parts_and_others_have_a_purpose() {
        let mut fixture = Fixture::default();
        let context = fixture.context();
        assert_eq!(context.iam_name(InstanceGroupRole::Node), "nodes.a.example.com");
        assert!(matches!(context.iam_name(InstanceGroupRole::Node).parts()[1], Part::ClusterName(_)));
        assert_eq!(context.termination_queue_name(), "a-example-com-nth");
        assert!(matches!(context.termination_queue_name().parts()[0], Part::DashedClusterName(_)));
        assert_eq!(context.event_rule_name("Spot"), "a.example.com-Spot");

        fixture.cluster.metadata.name = format!("{}.example.com", "x".repeat(80));
        let context = fixture.context();
        let purposes = [
            (context.iam_name(InstanceGroupRole::Node), "nodes", 64),
            (role_name(context.name(), "a.web.sa"), "a.web.sa", 64),
            (context.termination_queue_name(), "queue", 79),
            (context.event_rule_name("Spot"), "Spot", 45),
            (context.load_balancer_name("api"), "api", 32),
        ];
        for (name, expected, length) in purposes {
            assert!(matches!(name.parts(), [Part::Truncated { purpose, .. }] if purpose == expected), "{name}");
            assert_eq!(name.len(), length, "{name}");
        }
    }
}
