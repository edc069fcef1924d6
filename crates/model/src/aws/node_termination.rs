//! The queue of the node termination handler, what fills it, and the hooks that keep terminating instances until they
//! are drained.

use serde_json::json;

use super::iam::{PolicyDocument, Principal, Scope, Statement, Values};
use super::resources::{AutoscalingGroup, AutoscalingLifecycleHook, EventRule, EventTarget, Queue};
use crate::{Context, DataFile, Graph, GraphError, Input, Layer};
use kopsform_spec::names::{HashSuffix, queue_prefix, truncate};

/// Seconds a message stays in the queue, and an instance waits to be drained.
const PATIENCE: i64 = 300;

/// Adds queue, rules and hooks where the handler reads a queue.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    if !context.cluster.has_termination_queue() {
        return Ok(());
    }
    for group in context.groups.iter().filter(|group| !group.is_managed_by_karpenter()) {
        let name = format!("{}-NTHLifecycleHook", group.metadata.name);
        let hook = AutoscalingLifecycleHook {
            autoscaling_group_name: AutoscalingGroup::id_of(context.autoscaling_group_name(group)),
            default_result: "CONTINUE".to_owned(),
            heartbeat_timeout: PATIENCE,
            lifecycle_transition: "autoscaling:EC2_INSTANCE_TERMINATING".to_owned(),
            name: name.clone(),
        };
        graph.add(Layer::Cluster, name, hook)?;
    }
    build_queue(context, graph)?;
    let queue = Input::from(Queue::attribute(queue_name(context), "arn"));
    for (event, pattern) in events(context) {
        let name = format!("{}-{event}", truncate(context.name(), 40, HashSuffix::WhenCut));
        let rule = EventRule {
            event_pattern: DataFile::text("event_pattern", pattern.to_string()),
            tags: context.owned_tags(&name),
            name: name.clone(),
        };
        graph.add(Layer::Cluster, name.clone(), rule)?;
        let target = EventTarget { arn: queue.clone(), rule: EventRule::id_of(&name) };
        graph.add(Layer::Cluster, format!("{name}-Target"), target)?;
    }
    Ok(())
}

fn queue_name(context: &Context<'_>) -> String {
    format!("{}-nth", queue_prefix(context.name()))
}

/// The queue takes messages from EventBridge, and from SQS itself.
fn build_queue(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    let scope = Scope::of(context)?;
    let name = queue_name(context);
    let arn = format!("arn:{}:sqs:{}:{}:{name}", scope.partition, scope.region, scope.account);
    let policy = PolicyDocument::new(vec![Statement {
        principal: Some(Principal::Service(Values::of(["events.amazonaws.com", "sqs.amazonaws.com"]))),
        action: Values::one("sqs:SendMessage"),
        resource: Values::one(arn),
        ..Statement::default()
    }]);
    let queue = Queue {
        message_retention_seconds: PATIENCE,
        policy: DataFile::text("policy", policy.to_json()),
        tags: context.owned_tags(&name),
        name: name.clone(),
    };
    graph.add(Layer::Cluster, name, queue).map(|_| ())
}

/// The events that are passed to the queue: the end of a rule's name, and which events it catches.
fn events(context: &Context<'_>) -> Vec<(&'static str, serde_json::Value)> {
    let of_ec2 = |kind: &str| json!({ "source": ["aws.ec2"], "detail-type": [kind] });
    let mut events = vec![
        (
            "ASGLifecycle",
            json!({ "source": ["aws.autoscaling"], "detail-type": ["EC2 Instance-terminate Lifecycle Action"] }),
        ),
        ("SpotInterruption", of_ec2("EC2 Spot Instance Interruption Warning")),
        ("InstanceStateChange", of_ec2("EC2 Instance State-change Notification")),
        (
            "InstanceScheduledChange",
            json!({
                "source": ["aws.health"],
                "detail-type": ["AWS Health Event"],
                "detail": { "service": ["EC2"], "eventTypeCategory": ["scheduledChange"] },
            }),
        ),
    ];
    let handler = context.cluster.spec.node_termination_handler.as_ref();
    if handler.is_some_and(|handler| handler.enable_rebalance_draining == Some(true)) {
        events.push(("RebalanceRecommendation", of_ec2("EC2 Instance Rebalance Recommendation")));
    }
    events
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::aws::resources::Resource;
    use crate::fixture::Fixture;
    use kopsform_spec::v1alpha2::{InstanceManager, NodeTerminationHandler};

    fn fixture(handler: NodeTerminationHandler) -> Fixture {
        let mut fixture = Fixture::default();
        let handler = NodeTerminationHandler { enabled: Some(true), ..handler };
        fixture.cluster.spec.node_termination_handler = Some(handler);
        fixture
    }

    #[test]
    fn events_reach_the_queue_by_rules() {
        let graph = fixture(NodeTerminationHandler::default()).build(build).unwrap();
        assert_eq!(graph.names_of("aws_sqs_queue"), ["a-example-com-nth"]);
        assert_eq!(
            graph.names_of("aws_cloudwatch_event_rule"),
            [
                "a.example.com-ASGLifecycle",
                "a.example.com-InstanceScheduledChange",
                "a.example.com-InstanceStateChange",
                "a.example.com-SpotInterruption",
            ]
        );
        assert_eq!(graph.names_of("aws_cloudwatch_event_target").len(), 4);
        assert_eq!(
            graph.names_of("aws_autoscaling_lifecycle_hook"),
            ["master-a-NTHLifecycleHook", "nodes-NTHLifecycleHook"]
        );
        let Some(Resource::Queue(queue)) = graph.find("aws_sqs_queue", "a-example-com-nth") else { panic!("no queue") };
        let policy = String::from_utf8(queue.policy.content.clone()).unwrap();
        assert!(policy.contains("arn:aws:sqs:us-east-1:123456789012:a-example-com-nth"), "{policy}");
    }

    #[test]
    fn rebalancing_is_one_more_event() {
        let handler = NodeTerminationHandler { enable_rebalance_draining: Some(true), ..Default::default() };
        let graph = fixture(handler).build(build).unwrap();
        assert!(graph.names_of("aws_cloudwatch_event_rule").contains(&"a.example.com-RebalanceRecommendation"));
    }

    #[test]
    fn without_a_queue_there_is_nothing() {
        let handler = NodeTerminationHandler { enable_sqs_termination_draining: Some(false), ..Default::default() };
        assert!(fixture(handler).build(build).unwrap().resources.is_empty());
        assert!(Fixture::default().build(build).unwrap().resources.is_empty());
    }

    #[test]
    fn karpenter_groups_have_no_hook() {
        let mut fixture = fixture(NodeTerminationHandler::default());
        fixture.groups[1].spec.manager = Some(InstanceManager::Karpenter);
        let graph = fixture.build(build).unwrap();
        assert_eq!(graph.names_of("aws_autoscaling_lifecycle_hook"), ["master-a-NTHLifecycleHook"]);
    }
}
