//! The queue of the node termination handler and what fills it.

use super::Tags;
use super::define::resource;
use crate::value::{DataFile, Input};

resource! {
    /// Events that are passed on.
    EventRule("aws_cloudwatch_event_rule", "EventBridgeRule") {
        /// Which events.
        event_pattern: DataFile,
        /// Its name.
        name: String,
        /// Tags.
        tags: Tags,
    }
}

resource! {
    /// Where a rule's events go.
    EventTarget("aws_cloudwatch_event_target", "EventBridgeTarget") {
        /// The queue.
        arn: Input,
        /// The rule.
        rule: Input,
    }
}

resource! {
    /// A queue of messages.
    Queue("aws_sqs_queue", "SQS") {
        /// Seconds until an unread message is gone.
        message_retention_seconds: i64,
        /// Its name.
        name: String,
        /// Who may send.
        policy: DataFile,
        /// Tags.
        tags: Tags,
    }
}
