//! The queue of the node termination handler and what fills it.

use serde_json::{Value, json};

use super::iam::document;
use crate::declare::{Declare, QUEUE_POLICY, companion_id, get_att, id_of};
use crate::resource::Stack;
use crate::site::Site;
use kopsform_model::aws::resources::{EventRule, EventTarget, Queue};
use kopsform_model::{Ref, Text};

impl Declare for Queue {
    const TYPE: &'static str = "AWS::SQS::Queue";
    const PREFIX: &'static str = "Queue";
    const STACK: Stack = Stack::Events;

    fn declare(&self, site: &mut Site<'_>) {
        let queue: Ref<Self> = Ref::new(&site.id.name);
        site.resource(|body| {
            body.set("MessageRetentionPeriod", self.retention)
                .set("QueueName", &self.name)
                .set("Tags", &self.tags)
                // Its messages are about instances of the cluster.
                .delete();
        });
        site.companion::<Self>(QUEUE_POLICY, "AWS::SQS::QueuePolicy", |body| {
            body.set("PolicyDocument", document(&self.policy)).set("Queues", vec![&queue]);
        });
    }
}

impl Declare for EventRule {
    const TYPE: &'static str = "AWS::Events::Rule";
    const PREFIX: &'static str = "EventRule";
    const STACK: Stack = Stack::Events;

    /// The names of rules are words with capital letters: `ASGLifecycle`.
    fn label(name: &Text) -> String {
        kebab_case(&name.without_cluster_name())
    }

    fn declare(&self, site: &mut Site<'_>) {
        let rule: Ref<Self> = Ref::new(&site.id.name);
        let is_written = |target: Ref<EventTarget>| site.scope.selection.keeps(&target.node());
        let targets: Vec<&EventTarget> = site
            .scope
            .graph
            .all::<EventTarget>()
            .filter(|(name, target)| target.rule == rule && is_written(Ref::new(*name)))
            .map(|(_, target)| target)
            .collect();
        site.resource(|body| {
            let values: Vec<Value> = targets
                .iter()
                .enumerate()
                .map(|(number, target)| {
                    let queue = target.queue.node();
                    json!({ "Arn": get_att(&id_of(&queue), "Arn"), "Id": (number + 1).to_string() })
                })
                .collect();
            let pattern: Value = serde_json::from_str(&self.pattern.to_json()).unwrap_or_default();
            body.set("EventPattern", pattern).set("Name", &self.name).set("Tags", &self.tags).set("Targets", values);
            // Events that the queue does not accept yet would be lost.
            for target in &targets {
                body.after(companion_id::<Queue>(QUEUE_POLICY, target.queue.name()));
            }
        });
    }
}

/// `asg-lifecycle` for `ASGLifecycle`.
fn kebab_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut words = String::new();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let after = chars.get(at + 1);
        let begins = before.is_some_and(|before| before.is_ascii_lowercase())
            || (before.is_some_and(|before| before.is_ascii_uppercase())
                && after.is_some_and(char::is_ascii_lowercase));
        if c.is_ascii_uppercase() && begins {
            words.push('-');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}

impl Declare for EventTarget {
    const TYPE: &'static str = EventRule::TYPE;
    const PREFIX: &'static str = "EventTarget";
    const STACK: Stack = Stack::Events;

    /// A part of its rule.
    fn declare(&self, _: &mut Site<'_>) {}
}
