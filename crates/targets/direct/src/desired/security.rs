//! Security groups, their rules, and SSH keys.

use kopsform_model::NodeId;
use kopsform_model::aws::resources::{Direction, KeyPair, RulePeer, SecurityGroup, SecurityGroupRule};

use super::{Builder, id_of, tags_of_interest, task_of};
use crate::task::{Task, TaskKind};

impl Builder<'_> {
    pub(super) fn security_group(&self, id: &NodeId, group: &SecurityGroup) -> Vec<Task> {
        let task = Task::new(TaskKind::SecurityGroup, id.name.as_str(), id.clone());
        vec![
            task.fixed("Description", &group.description)
                .update("Tags", tags_of_interest(&group.tags))
                .fixed("VPC", task_of(TaskKind::Vpc, &group.vpc)),
        ]
    }

    /// A rule is what it lets through: with anything else it is another rule. Only its tags change.
    pub(super) fn security_group_rule(&self, id: &NodeId, rule: &SecurityGroupRule) -> Vec<Task> {
        let name = id.name.as_str();
        let mut task = Task::new(TaskKind::SecurityGroupRule, name, id.clone())
            .initial("SecurityGroup", id_of(TaskKind::SecurityGroup, &rule.group));
        if !rule.tags.is_empty() {
            task = task.update("Tags", tags_of_interest(&rule.tags));
        }
        task = match &rule.peer {
            RulePeer::Ipv4(cidr) => task.initial("CIDR", cidr),
            RulePeer::Ipv6(cidr) => task.initial("IPv6CIDR", cidr),
            RulePeer::PrefixList(list) => task.initial("PrefixList", list),
            RulePeer::Group(group) => task.initial("SourceGroup", id_of(TaskKind::SecurityGroup, group)),
        };
        if rule.direction == Direction::Egress {
            task = task.initial("Egress", true);
        }
        if let Some((from, to)) = rule.traffic.ports() {
            task = task.initial("FromPort", from).initial("ToPort", to);
        }
        vec![task.initial("Protocol", format!("{:?}", rule.traffic.protocol()).to_lowercase())]
    }

    pub(super) fn key_pair(&self, id: &NodeId, key: &KeyPair) -> Vec<Task> {
        let task = Task::new(TaskKind::KeyPair, id.name.as_str(), id.clone());
        vec![task.update("Tags", tags_of_interest(&key.tags))]
    }
}
