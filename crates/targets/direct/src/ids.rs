//! What the cloud calls things that exist.

use std::collections::BTreeMap;

use crate::task::TaskId;

/// An attribute of something that exists, which others refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// What identifies it: `vpc-…`, a name, or an ARN where the cloud uses those.
    Id,
    /// The DNS name of a load balancer.
    DnsName,
    /// The hosted zone of that name.
    DnsZone,
    /// The IPv6 network of a VPC.
    Ipv6Cidr,
    /// The rule that the cloud gives a new security group.
    DefaultEgressRule,
    /// Which of the load balancers that took each other's place it is.
    Revision,
    /// The Amazon resource name, where the id is another.
    Arn,
    /// The address of an Elastic IP, or of an address of Google Cloud, which may be internal.
    PublicAddress,
}

/// Attributes of one thing.
pub type Attributes = BTreeMap<Attribute, String>;

/// The attributes of everything that exists so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ids(BTreeMap<TaskId, Attributes>);

impl Ids {
    /// An attribute of a task; `None` while it does not exist.
    pub fn get(&self, task: &TaskId, attribute: Attribute) -> Option<&str> {
        self.0.get(task)?.get(&attribute).map(String::as_str)
    }

    /// The id of a task; `None` while it does not exist.
    pub fn id(&self, task: &TaskId) -> Option<&str> {
        self.get(task, Attribute::Id)
    }

    /// Records attributes of a task.
    pub fn insert(&mut self, task: TaskId, attributes: Attributes) {
        self.0.entry(task).or_default().extend(attributes);
    }
}
