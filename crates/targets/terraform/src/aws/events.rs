//! The queue of the node termination handler and what fills it.

use crate::block::{AttributeOf, Block, Body};
use crate::layout::EVENTS_FILE;
use crate::readable::place::{CLUSTER, Place};
use kopsform_model::aws::resources::{EventRule, EventTarget, Queue};

impl Block for Queue {
    const TYPE: &'static str = "aws_sqs_queue";
    const FILE: &'static str = EVENTS_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("message_retention_seconds", self.retention)
            .set("name", &self.name)
            .file("policy", "policy", self.policy.to_json())
            .set("tags", &self.tags);
    }
}

impl Block for EventRule {
    const TYPE: &'static str = "aws_cloudwatch_event_rule";
    const FILE: &'static str = EVENTS_FILE;

    fn place(&self, name: &str) -> Place {
        Place::each(CLUSTER, name)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.file("event_pattern", "event_pattern", self.pattern.to_json())
            .set("name", &self.name)
            .set("tags", &self.tags);
    }
}

impl Block for EventTarget {
    const TYPE: &'static str = "aws_cloudwatch_event_target";
    const FILE: &'static str = EVENTS_FILE;

    /// Targets are called after their rules.
    fn place(&self, name: &str) -> Place {
        Place::each(CLUSTER, name.strip_suffix("-Target").unwrap_or(name))
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("arn", AttributeOf(&self.queue, "arn")).set("rule", &self.rule);
    }
}
