//! What CloudFormation has no resource for.

use std::fmt;

/// A part of a cluster that is not in its template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outside {
    /// Files of the state store: how many.
    Files(usize),
    /// Tags of something that exists already.
    Tags {
        /// kops' name of the task.
        task: &'static str,
        /// Its id.
        id: String,
    },
    /// A VPC sees a private zone that exists already.
    ZoneAssociation {
        /// The id of the zone.
        zone: String,
        /// The id of the VPC; `None` for one of the stack.
        vpc: Option<String>,
    },
    /// Processes that an Auto Scaling group does not run.
    SuspendedProcesses {
        /// The name of the group.
        group: String,
        processes: Vec<String>,
    },
    /// Tags of an instance profile: its name.
    ProfileTags(String),
}

/// Who takes care of what is not in the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// `update cluster --yes`, before the stack.
    Command,
    /// `update cluster --yes`, once the stack exists.
    CommandLater,
    /// The user.
    User,
}

impl Outside {
    /// Who takes care of it.
    pub fn owner(&self) -> Owner {
        match self {
            Self::Files(_) | Self::Tags { .. } | Self::ZoneAssociation { vpc: Some(_), .. } => Owner::Command,
            Self::ZoneAssociation { vpc: None, .. } => Owner::CommandLater,
            Self::SuspendedProcesses { .. } | Self::ProfileTags(_) => Owner::User,
        }
    }
}

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files(1) => f.write_str("1 object of the state store"),
            Self::Files(count) => write!(f, "{count} objects of the state store"),
            Self::Tags { task, id } => write!(f, "tags of {task} {id}"),
            Self::ZoneAssociation { zone, vpc: Some(vpc) } => write!(f, "association of hosted zone {zone} with {vpc}"),
            Self::ZoneAssociation { zone, vpc: None } => {
                write!(f, "association of hosted zone {zone} with the VPC of the stack")
            }
            Self::SuspendedProcesses { group, processes } => {
                write!(
                    f,
                    "suspended processes of {group}: aws autoscaling suspend-processes --auto-scaling-group-name {group} \
                     --scaling-processes {}",
                    processes.join(" ")
                )
            }
            Self::ProfileTags(name) => write!(f, "tags of instance profile {name}"),
        }
    }
}
