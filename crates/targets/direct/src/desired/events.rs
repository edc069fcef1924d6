//! The queue of the node termination handler and what fills it.

use kopsform_model::NodeId;
use kopsform_model::aws::resources::{EventRule, EventTarget, Queue};

use super::{Builder, all_tags, tags_of_interest, task_of};
use crate::task::{Task, TaskKind};
use crate::value::Value;

impl Builder<'_> {
    pub(super) fn queue(&self, id: &NodeId, queue: &Queue) -> Vec<Task> {
        let task = Task::new(TaskKind::Queue, id.name.as_str(), id.clone());
        vec![
            task.update("MessageRetentionPeriod", queue.retention)
                .update("Policy", json(&queue.policy.to_json()))
                .update("Tags", tags_of_interest(&queue.tags)),
        ]
    }

    pub(super) fn event_rule(&self, id: &NodeId, rule: &EventRule) -> Vec<Task> {
        let task = Task::new(TaskKind::EventRule, id.name.as_str(), id.clone());
        vec![task.update("EventPattern", json(&rule.pattern.to_json())).update("Tags", all_tags(&rule.tags))]
    }

    pub(super) fn event_target(&self, id: &NodeId, target: &EventTarget) -> Vec<Task> {
        let task = Task::new(TaskKind::EventTarget, id.name.as_str(), id.clone());
        vec![
            task.initial("Rule", task_of(TaskKind::EventRule, &target.rule))
                .initial("SQSQueue", task_of(TaskKind::Queue, &target.queue)),
        ]
    }
}

fn json(document: &str) -> Value {
    Value::Json(serde_json::from_str(document).unwrap_or_default())
}
