//! The queue of the node termination handler and what fills it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Tags;
use crate::Text;
use crate::aws::iam::PolicyDocument;
use crate::graph::Ref;
use crate::graph::reference::{resource, without_references};

resource! {
    /// A queue of messages.
    pub struct Queue {
        /// At most 80 characters.
        pub name: Text,
        /// Seconds until an unread message is gone.
        pub retention: i64,
        /// Who may send.
        pub policy: PolicyDocument,
        pub tags: Tags,
    }

    /// Events that are passed on.
    pub struct EventRule {
        /// At most 64 characters.
        pub name: Text,
        /// Which events.
        pub pattern: EventPattern,
        pub tags: Tags,
    }

    /// Where a rule's events go.
    pub struct EventTarget {
        pub rule: Ref<EventRule>,
        pub queue: Ref<Queue>,
    }
}

/// Which events a rule catches: those that have one of the values in every field that is not empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct EventPattern {
    /// By fields of the event's own content.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub detail: BTreeMap<&'static str, Vec<&'static str>>,
    /// By kind of event: `EC2 Spot Instance Interruption Warning`.
    pub detail_type: Vec<&'static str>,
    /// By the service they come from: `aws.ec2`.
    pub source: Vec<&'static str>,
}

impl EventPattern {
    /// The pattern as EventBridge takes it: JSON on one line.
    pub fn to_json(&self) -> String {
        // Maps with string keys and lists of strings: serializing cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

without_references!(EventPattern);
