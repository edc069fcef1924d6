//! The queue of the node termination handler, what fills it, and the hooks that keep terminating instances until they
//! are drained.

use super::iam::{PolicyDocument, Principal, Scope, Statement, Values};
use super::resources::{EventPattern, EventRule, EventTarget, HookResult, LifecycleHook, Queue, Transition};
use crate::{Context, Graph, GraphError, Layer, Ref, text};

/// Seconds a message stays in the queue, and an instance waits to be drained.
const PATIENCE: i64 = 300;

/// Adds queue, rules and hooks where the handler reads a queue.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    if !context.cluster.has_termination_queue() {
        return Ok(());
    }
    for group in context.groups.iter().filter(|group| !group.is_managed_by_karpenter()) {
        let name = format!("{}-NTHLifecycleHook", group.metadata.name);
        let hook = LifecycleHook {
            group: Ref::new(context.autoscaling_group_name(group)),
            name: name.clone(),
            transition: Transition::Terminating,
            timeout: PATIENCE,
            default_result: HookResult::Continue,
        };
        graph.add(Layer::Cluster, name, hook)?;
    }
    let queue = build_queue(context, graph)?;
    for (event, pattern) in events(context) {
        let name = context.event_rule_name(event);
        let rule = EventRule { name: name.clone(), pattern, tags: context.owned_tags(&name) };
        let rule = graph.add(Layer::Cluster, &name, rule)?;
        let target = EventTarget { rule, queue: queue.clone() };
        graph.add(Layer::Cluster, text![name, "-Target"], target)?;
    }
    Ok(())
}

/// The queue takes messages from EventBridge, and from SQS itself.
fn build_queue(context: &Context<'_>, graph: &mut Graph) -> Result<Ref<Queue>, GraphError> {
    let scope = Scope::of(context)?;
    let name = context.termination_queue_name();
    let arn = format!("arn:{}:sqs:{}:{}:{name}", scope.partition, scope.region, scope.account);
    let policy = PolicyDocument::new(vec![Statement {
        principal: Some(Principal::Service(Values::of(["events.amazonaws.com", "sqs.amazonaws.com"]))),
        action: Values::one("sqs:SendMessage"),
        resource: Values::one(arn),
        ..Statement::default()
    }]);
    let queue = Queue { name: name.clone(), retention: PATIENCE, policy, tags: context.owned_tags(&name) };
    graph.add(Layer::Cluster, name, queue)
}

/// The events that are passed to the queue: the end of a rule's name, and which events it catches.
fn events(context: &Context<'_>) -> Vec<(&'static str, EventPattern)> {
    let of = |source, kind| EventPattern { source: vec![source], detail_type: vec![kind], ..EventPattern::default() };
    let of_ec2 = |kind| of("aws.ec2", kind);
    let scheduled_change = EventPattern {
        detail: [("service", vec!["EC2"]), ("eventTypeCategory", vec!["scheduledChange"])].into(),
        ..of("aws.health", "AWS Health Event")
    };
    let mut events = vec![
        ("ASGLifecycle", of("aws.autoscaling", "EC2 Instance-terminate Lifecycle Action")),
        ("SpotInterruption", of_ec2("EC2 Spot Instance Interruption Warning")),
        ("InstanceStateChange", of_ec2("EC2 Instance State-change Notification")),
        ("InstanceScheduledChange", scheduled_change),
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
        assert_eq!(graph.names_of::<Queue>(), ["a-example-com-nth"]);
        assert_eq!(
            graph.names_of::<EventRule>(),
            [
                "a.example.com-ASGLifecycle",
                "a.example.com-InstanceScheduledChange",
                "a.example.com-InstanceStateChange",
                "a.example.com-SpotInterruption",
            ]
        );
        assert_eq!(graph.names_of::<EventTarget>().len(), 4);
        assert_eq!(graph.names_of::<LifecycleHook>(), ["master-a-NTHLifecycleHook", "nodes-NTHLifecycleHook"]);
        let policy = graph.get(&Ref::<Queue>::new("a-example-com-nth")).unwrap().policy.to_json();
        assert!(policy.contains("arn:aws:sqs:us-east-1:123456789012:a-example-com-nth"), "{policy}");
    }

    #[test]
    fn rebalancing_is_one_more_event() {
        let handler = NodeTerminationHandler { enable_rebalance_draining: Some(true), ..Default::default() };
        let graph = fixture(handler).build(build).unwrap();
        assert!(graph.names_of::<EventRule>().contains(&"a.example.com-RebalanceRecommendation"));
    }

    #[test]
    fn without_a_queue_there_is_nothing() {
        let handler = NodeTerminationHandler { enable_sqs_termination_draining: Some(false), ..Default::default() };
        assert!(fixture(handler).build(build).unwrap().is_empty());
        assert!(Fixture::default().build(build).unwrap().is_empty());
    }

    #[test]
    fn karpenter_groups_have_no_hook() {
        let mut fixture = fixture(NodeTerminationHandler::default());
        fixture.groups[1].spec.manager = Some(InstanceManager::Karpenter);
        let graph = fixture.build(build).unwrap();
        assert_eq!(graph.names_of::<LifecycleHook>(), ["master-a-NTHLifecycleHook"]);
    }
}
