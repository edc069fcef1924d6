//! Tags of a group's instances: what the cluster autoscaler and controllers read about nodes that do not exist yet.

use super::resources::Tags;
use super::tags::{INSTANCE_GROUP, NODE_LABEL_PREFIX, NODE_TAINT_PREFIX, ROLE_PREFIX};
use crate::defaults::node_labels;
use crate::{Context, text};
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupRole};

impl Context<'_> {
    /// Tags of a group's auto scaling group, launch template and everything that starts from them.
    ///
    /// Labels of the group win over those of the cluster; the tags that make the cluster work win over both.
    pub fn group_tags(&self, group: &InstanceGroup) -> Tags {
        let mut tags = self.owned_tags(self.autoscaling_group_name(group));
        tags.extend(group.spec.cloud_labels.iter().map(|(key, value)| (key.into(), value.into())));
        if let Some(tag) = self.termination_handler_tag() {
            tags.entry(tag.into()).or_default();
        }
        tags.extend(
            node_labels(self.cluster, group, self.features)
                .into_iter()
                .map(|(key, value)| (text![NODE_LABEL_PREFIX, key], value.into())),
        );
        for taint in group.spec.taints.iter().filter_map(|taint| Taint::parse(taint)) {
            tags.insert(text![NODE_TAINT_PREFIX, taint.key], text![taint.value, ":", taint.effect]);
        }
        for role in role_names(group.role()) {
            tags.insert(text![ROLE_PREFIX, *role], "1".into());
        }
        tags.insert(INSTANCE_GROUP.into(), group.metadata.name.as_str().into());
        tags
    }

    /// The tag by which the node termination handler knows groups it looks after, where it reads a queue.
    fn termination_handler_tag(&self) -> Option<&str> {
        if !self.cluster.has_termination_queue() {
            return None;
        }
        let handler = self.cluster.spec.node_termination_handler.as_ref()?;
        handler.managed_asg_tag.as_deref().filter(|tag| !tag.is_empty())
    }
}

fn role_names(role: InstanceGroupRole) -> &'static [&'static str] {
    match role {
        InstanceGroupRole::ControlPlane => &["control-plane", "master"],
        InstanceGroupRole::ApiServer => &["apiserver"],
        InstanceGroupRole::Node => &["node"],
        InstanceGroupRole::Bastion => &["bastion"],
    }
}

/// A taint of the form `key=value:effect` or `key:effect`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Taint<'a> {
    pub key: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub value: &'a str,
    pub effect: &'a str,
}

impl<'a> Taint<'a> {
    /// As kops reads those of Karpenter's groups: without a colon, the whole text is the key, and there is no effect.
    pub fn parse_loosely(text: &'a str) -> Option<Self> {
        let Some((subject, effect)) = text.split_once(':') else {
            return Some(Self { key: text, value: "", effect: "" });
        };
        let (key, value) = subject.split_once('=').unwrap_or((subject, ""));
        (!effect.contains(':') && !value.contains('=')).then_some(Self { key, value, effect })
    }

    /// `None` for what has no effect or another form.
    pub fn parse(text: &'a str) -> Option<Self> {
        Self::parse_loosely(text).filter(|taint| !taint.effect.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Text;
    use crate::fixture::Fixture;
    use kopsform_spec::v1alpha2::NodeTerminationHandler;

    #[test]
    fn taints_need_an_effect() {
        let parse = |text| Taint::parse(text).map(|taint| (taint.key, taint.value, taint.effect));
        assert_eq!(parse("dedicated=gpu:NoSchedule"), Some(("dedicated", "gpu", "NoSchedule")));
        assert_eq!(parse("nvidia.com/gpu:NoSchedule"), Some(("nvidia.com/gpu", "", "NoSchedule")));
        for bad in ["dedicated", "dedicated=gpu", "a=b:", "a=b=c:NoSchedule", "a:b:c"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        let loosely = |text| Taint::parse_loosely(text).map(|taint| (taint.key, taint.value, taint.effect));
        assert_eq!(loosely("dedicated=gpu"), Some(("dedicated=gpu", "", "")));
        assert_eq!(loosely("a=b:"), Some(("a", "b", "")));
        assert_eq!(loosely("a=b:NoSchedule"), parse("a=b:NoSchedule"));
        assert_eq!((loosely("a=b=c:NoSchedule"), loosely("a:b:c")), (None, None));
    }

    #[test]
    fn the_groups_labels_win_but_not_over_what_the_cluster_needs() {
        let mut fixture = Fixture::default();
        let label = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        fixture.cluster.spec.cloud_labels = [label("team", "a"), label("cost", "1")].into();
        let spec = &mut fixture.groups[1].spec;
        spec.cloud_labels = [label("team", "b"), label(INSTANCE_GROUP, "mine")].into();
        spec.node_labels = [label("pool", "x")].into();
        spec.taints = vec!["dedicated=x:NoSchedule".to_owned()];
        let tags = fixture.context().group_tags(&fixture.groups[1]);
        for (key, value) in [
            ("Name", "nodes.a.example.com"),
            ("team", "b"),
            ("cost", "1"),
            ("kops.k8s.io/instancegroup", "nodes"),
            ("k8s.io/role/node", "1"),
            ("k8s.io/cluster-autoscaler/node-template/label/pool", "x"),
            ("k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node", ""),
            ("k8s.io/cluster-autoscaler/node-template/taint/dedicated", "x:NoSchedule"),
        ] {
            assert_eq!(tags.get(key).map(Text::as_str), Some(value), "{key}");
        }
    }

    #[test]
    fn the_termination_handlers_tag_does_not_replace_a_label() {
        let mut fixture = Fixture::default();
        fixture.cluster.spec.node_termination_handler = Some(NodeTerminationHandler {
            enabled: Some(true),
            managed_asg_tag: Some("nth".to_owned()),
            ..NodeTerminationHandler::default()
        });
        let tag = |fixture: &Fixture| {
            fixture.context().group_tags(&fixture.groups[1]).get("nth").map(|tag| tag.as_str().to_owned())
        };
        assert_eq!(tag(&fixture).as_deref(), Some(""));
        fixture.cluster.spec.cloud_labels.insert("nth".to_owned(), "yes".to_owned());
        assert_eq!(tag(&fixture).as_deref(), Some("yes"));
    }
}
